import { type Clock, systemClock } from "@/lib/core/clock";
import { CONNECTORS } from "@/lib/core/connectors";
import { OAuthServer } from "../oauth/oauth-server";
import { OAUTH_PRESETS } from "../oauth/presets";
import { ZohoOrg } from "./org";

/** A refusal that waits for the next requests whose path contains `path`. */
export type Refusal = { status: number; code: string; count: number; path?: string };

const ORGS = [
  { id: "700000001", label: "Smith Law" },
  { id: "700000002", label: "Riverbend Defense" },
] as const;

/** What stands at the stand-in of this service; everything is forgotten by `reset`. */
export class ZohoWorld {
  orgs = makeOrgs();
  refusals: Refusal[] = [];
  /** Requests of one organization under way at once. */
  concurrency = 5;
  /** Ids as JSON numbers, which a careless reader rounds. */
  hasNumericIds = false;
  /** Our own address, as the first request called us: what `api_domain` says. */
  address = "http://127.0.0.1/zoho";
  clock: Clock = systemClock;
  readonly underWay = new Map<string, number>();
  readonly oauth = new OAuthServer({
    ...OAUTH_PRESETS.zoho,
    accounts: ORGS,
    scopes: CONNECTORS.zoho.scopes.map(({ scope }) => scope),
    redirectExtras: () => ({ location: "us", "accounts-server": this.address }),
    tokenExtras: () => ({ api_domain: this.address }),
  });

  reset(): void {
    this.orgs = makeOrgs();
    this.refusals = [];
    this.concurrency = 5;
    this.hasNumericIds = false;
    this.oauth.reset();
  }

  org(id: string = ORGS[0].id): ZohoOrg {
    const org = this.orgs.get(id);
    if (!org) throw new Error(`There is no organization ${id}.`);
    return org;
  }

  /** An access token as if somebody of this organization had said yes. */
  token(orgId: string = ORGS[0].id): string {
    const scopes = this.oauth.options.scopes;
    const grant = this.oauth.grants.open({ accountId: orgId, clientId: this.oauth.options.clientId, scopes });
    return this.oauth.grants.accessToken(grant, this.clock.now().getTime() + 3_600_000, null);
  }

  setClock(clock: Clock): void {
    this.clock = clock;
    this.oauth.setClock(clock);
  }

  takeRefusal(path: string): Refusal | null {
    const next = this.refusals.find((each) => each.path === undefined || path.includes(each.path));
    if (!next) return null;
    next.count -= 1;
    if (next.count <= 0) this.refusals.splice(this.refusals.indexOf(next), 1);
    return next;
  }
}

const makeOrgs = () => new Map(ORGS.map(({ id, label }) => [id as string, new ZohoOrg(id, label)]));
