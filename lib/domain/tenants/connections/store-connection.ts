import type { ConnectionMode, ConnectorName } from "@/lib/core/connectors";
import { newId } from "@/lib/core/ids";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { recordEvents } from "../../events/record-events";
import { forgetSecrets, keepSecret } from "../integration-secrets";
import { asHouse, findConnection } from "./connections";
import type { Identity } from "./identify";
import { revokeHeld } from "./revoke-held";

/** The secrets of a connection, by the name that they are kept under. */
export type SecretMap = Partial<
  Record<"access_token" | "refresh_token" | "api_key" | "client_secret" | "webhook_secret", string>
>;

/** A connection that was proven: somebody said yes, or a key of the account opened it. */
export type NewConnection = {
  provider: ConnectorName;
  mode: ConnectionMode;
  identity: Identity;
  scopes: string[];
  settings: Readonly<Record<string, string>>;
  accessExpiresAt: Date | null;
  secrets: SecretMap;
  connectedBy: string;
};

/**
 * Stores a connection with its secrets, its event and the job that follows. The same account again keeps what hangs on it (the mapping, how far each pull is, since
 * when it is connected) and gets the new secrets; another account takes the place of the one before, whose access is given back first.
 */
export async function storeConnection(ctx: Ctx, made: NewConnection): Promise<string> {
  const { provider, identity } = made;
  const before = await inTenant(ctx, (tx) => findConnection(tx, ctx, provider));
  const isOther = before !== null && before.accountId !== identity.accountId;
  const isRevoked = isOther ? await revokeHeld(ctx, before) : false;
  return inTenant(ctx, async (tx) => {
    // Two who connect at once come one after the other.
    await tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(${`connect ${ctx.tenantId} ${provider}`}, 0))`;
    const held = await findConnection(tx, ctx, provider);
    const isSame = held?.accountId === identity.accountId;
    if (held && !isSame) {
      await tx.connection.deleteMany({ where: { tenantId: ctx.tenantId, id: held.id } });
      const data = { connectionId: held.id, provider, because: "replaced", isRevoked } as const;
      await recordEvents(tx, ctx, [{ type: "connection.removed", data }]);
    }
    const kept = isSame ? held : null;
    const connectionId = kept?.id ?? newId();
    await writeRow(tx, ctx, made, { connectionId, kept: kept?.settings ?? null });
    await keepSecrets(tx, ctx, made);
    const { mode, scopes } = made;
    await recordEvents(tx, ctx, [
      { type: "connection.made", data: { connectionId, provider, mode, scopes } },
      ...(kept?.state === "broken" ? [{ type: "connection.restored", data: { connectionId, provider } } as const] : []),
    ]);
    await enqueue(tx, "sync.connected", [{ tenantId: ctx.tenantId, connectionId }]);
    return connectionId;
  });
}

type Row = { connectionId: string; kept: Record<string, string> | null };

async function writeRow(tx: Tx, ctx: Ctx, made: NewConnection, { connectionId, kept }: Row): Promise<void> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const { provider, mode, identity, scopes, accessExpiresAt, connectedBy } = made;
  const data = {
    mode,
    state: "connected",
    accountId: identity.accountId,
    accountLabel: identity.label.slice(0, 200),
    scopes,
    settings: { ...kept, ...made.settings, ...identity.settings },
    lastOkAt: now,
    problem: null,
    problemAt: null,
    accessExpiresAt,
    refreshLease: null,
    refreshLeaseUntil: null,
  };
  if (kept) await tx.connection.updateMany({ where: { tenantId, id: connectionId }, data });
  else {
    const first = { tenantId, id: connectionId, provider, connectedBy, connectedAt: now };
    await tx.connection.create({ data: { ...first, ...data } });
  }
}

/** The fresh factor was shown when the attempt began, minutes ago at the most: saying yes elsewhere may have taken longer than it lasts. */
async function keepSecrets(tx: Tx, ctx: Ctx, { provider, secrets }: NewConnection): Promise<void> {
  const house = asHouse(ctx);
  await forgetSecrets(tx, house, provider);
  for (const [name, value] of Object.entries(secrets)) await keepSecret(tx, house, { provider, name }, value);
}
