import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { ConnectorName } from "@/lib/core/connectors";
import { VendorError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { accountToken, GRANT_GONE, type OAuthTokens, refreshTokens } from "@/lib/integrations/oauth";
import type { Tx } from "@/lib/platform/db";
import { takeTurn } from "@/lib/platform/vendor-pace";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent, recordEvents } from "../../events/record-events";
import { keepSecret, readSecret } from "../integration-secrets";
import { markBroken, noteProblem, problemOf } from "./connection-health";
import { asHouse, type ConnectionRow, notConnected } from "./connections";
import { type LoadedAccess, loadAccess } from "./load-access";
import { revokeTokens } from "./revoke-held";

/** A lease of a process that died ends after so long; asking for a token takes less. */
export const LEASE_MS = 30_000;
/** The longest that a caller waits for somebody else's renewal: a lease and a little. */
const PATIENCE_MS = 20_000;

/** What a new token is asked for with. */
type Spent = { lease: string; refreshToken: string | null; clientSecret: string | null };

/**
 * A new access token in the place of `stale`, asked for by one caller at a time over all processes; the others wait for what it gets. The new tokens are committed
 * before anybody uses them, so a refresh token that is good once is not lost when the call after it fails. No transaction is open while the service is asked.
 * @throws AppError `not_configured` when the grant has ended: the connection is broken then. VendorError when the service cannot be asked: it stays.
 */
export async function renewAccess(ctx: Ctx, provider: ConnectorName, stale: string | null): Promise<LoadedAccess> {
  const house = asHouse(ctx);
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const turn = await takeLease(house, provider, stale);
    if (turn.kind === "renewed") return turn.loaded;
    if (turn.kind === "mine") return renew(house, turn.row, turn.spent);
    if (performance.now() > until) {
      throw new VendorError(provider, "unavailable", "is being asked for a new token by another worker", {
        retryAfterMs: LEASE_MS,
      });
    }
    await pause(40 + Math.random() * 80);
  }
}

type Turn =
  | { kind: "renewed"; loaded: LoadedAccess }
  | { kind: "mine"; row: ConnectionRow; spent: Spent }
  | { kind: "wait" };

/** In one transaction: is there a new token already? Else, is the lease free? */
async function takeLease(ctx: Ctx, provider: ConnectorName, stale: string | null): Promise<Turn> {
  const now = ctx.clock.now();
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM connection WHERE tenant_id = ${tenantId}::uuid AND provider = ${provider} FOR UPDATE`;
    const loaded = await loadAccess(tx, ctx, provider);
    if (loaded?.row.state !== "connected") throw notConnected(provider);
    const { row, held } = loaded;
    const ends = row.accessExpiresAt;
    if (held !== null && held !== stale && (!ends || ends > now)) return { kind: "renewed", loaded };
    const lease = newId();
    const { count } = await tx.connection.updateMany({
      where: { tenantId, id: row.id, OR: [{ refreshLeaseUntil: null }, { refreshLeaseUntil: { lte: now } }] },
      data: { refreshLease: lease, refreshLeaseUntil: new Date(now.getTime() + LEASE_MS) },
    });
    if (count === 0) return { kind: "wait" };
    const refreshToken = await readSecret(tx, ctx, { provider, name: "refresh_token" });
    const clientSecret = await readSecret(tx, ctx, { provider, name: "client_secret" });
    return { kind: "mine", row, spent: { lease, refreshToken, clientSecret } };
  });
}

async function renew(ctx: Ctx, row: ConnectionRow, spent: Spent): Promise<LoadedAccess> {
  const { provider } = row;
  let tokens: OAuthTokens;
  try {
    tokens = await askForTokens(ctx, row, spent);
  } catch (error) {
    const isGone = isGrantGone(row, error);
    const kept = await inTenant(ctx, (tx) => giveUp(tx, ctx, row, spent, isGone));
    if (!isGone) {
      const problem = error instanceof VendorError && error.kind === "rejected" ? "refused" : problemOf(error);
      if (problem) await noteProblem(ctx, row, problem);
      throw error;
    }
    if (kept) return kept;
    throw notConnected(provider, error);
  }
  const kept = await inTenant(ctx, (tx) => keepTokens(tx, ctx, row, spent, tokens));
  if (kept) return kept;
  // Disconnected meanwhile: nobody may keep what was just given out.
  await revokeTokens(ctx, provider, tokens);
  throw notConnected(provider);
}

/**
 * The grant has ended, or the firm's own app opens nothing any more. A client of ours that is refused is our fault: with it every firm's connection would be broken at
 * once, and none could be mended by connecting again.
 */
const isGrantGone = ({ mode }: ConnectionRow, error: unknown): boolean =>
  error instanceof VendorError &&
  error.kind === "rejected" &&
  (error.code === GRANT_GONE || mode === "server_to_server");

async function askForTokens(ctx: Ctx, row: ConnectionRow, spent: Spent): Promise<OAuthTokens> {
  const { id, provider, mode, settings } = row;
  const now = ctx.clock.now();
  if (mode === "server_to_server") {
    const { clientId = "", tokenAccountId: accountId = row.accountId } = settings;
    return accountToken({ accountId, clientId, clientSecret: spent.clientSecret ?? "" }, { settings, now });
  }
  if (!spent.refreshToken) throw new VendorError(provider, "rejected", "gave no refresh token", { code: GRANT_GONE });
  if (provider === "zoho") await takeTurn("zoho.tokens", id);
  return refreshTokens(provider, { refreshToken: spent.refreshToken, settings, now });
}

/**
 * Nothing came of it. When the grant has ended the connection is broken, unless somebody else has renewed it meanwhile: a process that stood still for longer than
 * its lease shows a refresh token that is spent.
 */
async function giveUp(
  tx: Tx,
  ctx: Ctx,
  row: ConnectionRow,
  spent: Spent,
  isGone: boolean,
): Promise<LoadedAccess | null> {
  const { tenantId } = ctx;
  await tx.connection.updateMany({
    where: { tenantId, id: row.id, refreshLease: spent.lease },
    data: { refreshLease: null, refreshLeaseUntil: null },
  });
  if (!isGone) return null;
  const loaded = await loadAccess(tx, ctx, row.provider);
  const current = await readSecret(tx, ctx, { provider: row.provider, name: "refresh_token" });
  if (loaded?.row.state === "connected" && current !== spent.refreshToken) return loaded;
  await markBroken(tx, ctx, row, "revoked");
  return null;
}

/** Commits new tokens. Null when the connection is not there any more, or is another one by now. */
async function keepTokens(
  tx: Tx,
  ctx: Ctx,
  row: ConnectionRow,
  spent: Spent,
  tokens: OAuthTokens,
): Promise<LoadedAccess | null> {
  const { tenantId } = ctx;
  const { id, provider } = row;
  const [held] = await tx.$queryRaw<{ state: string; lease: string | null }[]>`
    SELECT state, refresh_lease AS lease FROM connection WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`;
  if (!held) return null;
  const current = await readSecret(tx, ctx, { provider, name: "refresh_token" });
  // Ours are the successors of what is kept, or they are late and what is kept came after them.
  if (current !== spent.refreshToken) return loadAccess(tx, ctx, provider);
  // Without a refresh token only the lease tells: whoever connected again meanwhile has ended it, and ours may be of another app.
  if (row.mode === "server_to_server" && held.lease !== spent.lease) return loadAccess(tx, ctx, provider);
  await keepSecret(tx, ctx, { provider, name: "access_token" }, tokens.accessToken);
  if (tokens.refreshToken) await keepSecret(tx, ctx, { provider, name: "refresh_token" }, tokens.refreshToken);
  await tx.connection.updateMany({
    where: { tenantId, id },
    data: {
      state: "connected",
      accessExpiresAt: tokens.expiresAt,
      refreshLease: null,
      refreshLeaseUntil: null,
      ...(held.state === "broken" ? { problem: null, problemAt: null } : {}),
    },
  });
  // Somebody may have chosen something while the service was asked: only what it said is written.
  await tx.$executeRaw`
    UPDATE connection SET settings = settings || ${JSON.stringify(tokens.settings)}::jsonb WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid`;
  const data = { connectionId: id, provider };
  await recordEvent(tx, ctx, { type: "connection.renewed", data });
  // A worker that used the spent token while this one stood still has called it broken; it is not.
  if (held.state === "broken") await recordEvents(tx, ctx, [{ type: "connection.restored", data }]);
  return loadAccess(tx, ctx, provider);
}
