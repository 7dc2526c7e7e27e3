import { afterAll, afterEach } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import type { ConnectorName } from "@/lib/core/connectors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { beginConnecting } from "@/lib/domain/tenants/connections/begin-connecting";
import { type Finished, finishConnecting, type Returned } from "@/lib/domain/tenants/connections/finish-connecting";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { startSandbox } from "../../sandbox/server";
import { standIns } from "../../scripts/start/services";
import { asOwner, type TestFirm } from "../setup/firms";

/** The clock of the sandbox and of the verbs; routes have the machine's, which is where it starts. */
export const clock = fixedClock(new Date());
export const sandbox = await startSandbox({ env: "test", clock });
// Read when the first call is made, so they may be set here.
Object.assign(process.env, standIns(sandbox.url));

afterEach(() => {
  sandbox.reset();
  clock.set(new Date());
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
  await sandbox.close();
});

export const ORIGIN = "http://firm.localhost:3000";
const MARKS: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
const unescaped = (html: string): string => html.replaceAll(/&(amp|lt|gt|quot|#39);/g, (mark) => MARKS[mark] ?? mark);

type Decision = { decision?: "allow" | "deny"; account?: string };

/** Opens the consent page as a browser does, fills in its form and gives the address that the person is sent back to. */
export async function decide(address: string, { decision = "allow", account }: Decision = {}): Promise<URL> {
  const html = await (await fetch(address)).text();
  const form = new URLSearchParams();
  for (const [, name = "", value = ""] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    form.append(unescaped(name), unescaped(value));
  const chosen = account ?? /name="account" value="([^"]*)" checked/.exec(html)?.[1] ?? "";
  form.set("account", unescaped(chosen));
  form.set("decision", decision);
  const action = unescaped(/<form method="post" action="([^"]*)"/.exec(html)?.[1] ?? "");
  const reply = await fetch(new URL(action, address), { method: "POST", body: form, redirect: "manual" });
  return new URL(reply.headers.get("location") ?? "");
}

/** What the address that a person comes back to says. */
export function returnedOf(back: URL): Returned {
  const of = (name: string) => back.searchParams.get(name) ?? undefined;
  return {
    state: of("state"),
    code: of("code"),
    error: of("error"),
    location: of("location"),
    accountsServer: of("accounts-server"),
  };
}

/** Goes to the service and comes back, ready to finish. */
export async function goThere(ctx: Ctx, provider: ConnectorName, decision: Decision = {}): Promise<Returned> {
  const { url } = await beginConnecting(ctx, provider, {}, ORIGIN);
  return returnedOf(await decide(url, decision));
}

/** Connects a service, by default with its first account. */
export const connect = async (ctx: Ctx, provider: ConnectorName, decision: Decision = {}): Promise<Finished> =>
  finishConnecting(ctx, await goThere(ctx, provider, decision));

export type StoredConnection = {
  id: string;
  state: string;
  account_id: string;
  problem: string | null;
  access_expires_at: Date | null;
  refresh_lease: string | null;
  settings: Record<string, string>;
  last_ok_at: Date | null;
};

export const connectionOf = (firm: TestFirm, provider: ConnectorName): Promise<StoredConnection | null> =>
  asOwner(
    firm.id,
    async (client) =>
      (await client.query<StoredConnection>("SELECT * FROM connection WHERE provider = $1", [provider])).rows[0] ??
      null,
  );

/** Names of the secrets that are kept of a service. */
export const secretsOf = (firm: TestFirm, provider: ConnectorName): Promise<string[]> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query("SELECT name FROM integration_secret WHERE provider = $1 ORDER BY name", [
      provider,
    ]);
    return rows.map(({ name }) => name as string);
  });

/** The requests that a stand-in got at a path. */
export const requestsTo = (provider: ConnectorName, path: string): number =>
  sandbox.log.last(provider, 10_000).filter((each) => each.path.startsWith(`/${provider}${path}`)).length;

export const TOKEN_PATH: Record<ConnectorName, string> = {
  acuity: "/oauth2/token",
  google: "/token",
  zoom: "/oauth/token",
  zoho: "/oauth/v2/token",
};
