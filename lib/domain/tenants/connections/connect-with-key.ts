import type { ConnectWithKey } from "@/lib/contracts/connections";
import { CONNECTORS, type ConnectorName } from "@/lib/core/connectors";
import { AppError, VendorError } from "@/lib/core/errors";
import { accountToken } from "@/lib/integrations/oauth";
import { missingScopes } from "@/lib/integrations/oauth-providers";
import { requireRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { keyHeader, tokenHeader } from "./authorization";
import { requirePerson } from "./begin-connecting";
import { identify } from "./identify";
import { type NewConnection, storeConnection } from "./store-connection";

/**
 * Connects a service with a key of the firm's own account there. The service is asked first: a key that does not open the account is not kept. Needs
 * `connections:manage` and a fresh factor; no transaction may be open.
 * @throws AppError `unprocessable` naming the field when the service refuses it, `vendor_unavailable` when it cannot be asked, `rate_limited`.
 */
export async function connectWithKey(ctx: Ctx, provider: ConnectorName, input: ConnectWithKey): Promise<void> {
  requirePermission(ctx, "connections:manage");
  requireFreshFactor(ctx);
  const { id: connectedBy } = requirePerson(ctx);
  if (input.provider !== provider) throw unfit("provider", "must be the service that the address names");
  if (ctx.tx) throw new Error("A service is never asked inside a transaction.");
  await requireRate("connect.firm", ctx.tenantId);
  const proven = input.provider === "acuity" ? await proveAcuity(input) : await proveZoom(ctx, input);
  await storeConnection(ctx, { ...proven, connectedBy });
}

type Proven = Omit<NewConnection, "connectedBy">;
type Input<P extends ConnectorName> = Extract<ConnectWithKey, { provider: P }>;

async function proveAcuity({ userId, apiKey }: Input<"acuity">): Promise<Proven> {
  const settings = { userId };
  const access = { connectionId: "", provider: "acuity", mode: "api_key", accountId: userId, settings } as const;
  const identity = await asked("acuity", "apiKey", () =>
    identify({ ...access, authorization: keyHeader(userId, apiKey) }),
  );
  const secrets = { api_key: apiKey };
  return { provider: "acuity", mode: "api_key", identity, scopes: [], settings, accessExpiresAt: null, secrets };
}

async function proveZoom(ctx: Ctx, input: Input<"zoom">): Promise<Proven> {
  const { accountId, clientId, clientSecret, webhookSecret, hostId } = input;
  const own = { clientId, hostId, tokenAccountId: accountId };
  const tokens = await asked("zoom", "clientSecret", () =>
    accountToken({ accountId, clientId, clientSecret }, { settings: own, now: ctx.clock.now() }),
  );
  const { accessToken, expiresAt, settings } = tokens;
  const scopes = tokens.scopes ?? CONNECTORS.zoom.scopes.map(({ scope }) => scope);
  const missing = missingScopes("zoom", scopes);
  if (missing.length > 0) {
    throw unfit("clientId", `is of an app without these scopes: ${missing.join(", ")}`);
  }
  const authorization = tokenHeader("zoom", accessToken);
  const access = { connectionId: "", provider: "zoom", mode: "server_to_server", accountId, settings } as const;
  const identity = await asked("zoom", "hostId", () => identify({ ...access, authorization }));
  const secrets = { access_token: accessToken, client_secret: clientSecret, webhook_secret: webhookSecret };
  return {
    provider: "zoom",
    mode: "server_to_server",
    identity,
    scopes,
    settings,
    accessExpiresAt: expiresAt,
    secrets,
  };
}

const unfit = (name: string, reason: string): AppError =>
  new AppError("unprocessable", "The service does not accept this.", { invalidParams: [{ name, reason }] });

/** Asks the service, and says in our words what it made of the field. */
async function asked<T>(provider: ConnectorName, field: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    const { label } = CONNECTORS[provider];
    if (error.kind === "rejected") throw unfit(field, `is not accepted by ${label}: copy it again from your account`);
    throw new AppError("vendor_unavailable", `${label} could not be asked just now. Nothing was saved; try again.`, {
      cause: error,
    });
  }
}
