import type { ConnectionProblem, ConnectorName } from "@/lib/core/connectors";
import { VendorError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { asHouse, type ConnectionRow } from "./connections";

/** How often a good answer is written down: every one of them would be a write per call. */
const NOTE_EVERY_MS = 60_000;

/** What services call a right that is missing: asking again with a new token would not help. */
const RIGHT_MISSING: ReadonlySet<string> = new Set([
  "OAUTH_SCOPE_MISMATCH",
  "NO_PERMISSION",
  "insufficientPermissions",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
  "4700",
  "4711",
]);

/** What they call a quota that comes back in hours rather than seconds. */
const QUOTA: ReadonlySet<string> = new Set([
  "LIMIT_EXCEEDED",
  "Daily-limit",
  "quotaExceeded",
  "dailyLimitExceeded",
  "calendarUsageLimitsExceeded",
]);

/** True when a service says that our access does not cover what was asked. */
export const isRightMissing = (error: unknown): boolean =>
  error instanceof VendorError && RIGHT_MISSING.has(error.code ?? "");

/** What a failed call says of the connection as a whole; null when it says something of one record, or passes in seconds. */
export function problemOf(error: unknown): ConnectionProblem | null {
  if (!(error instanceof VendorError)) return null;
  if (isRightMissing(error)) return "refused";
  if (error.kind === "throttled") return QUOTA.has(error.code ?? "") ? "quota" : null;
  if (error.kind === "rejected") return null;
  return error.kind === "garbled" ? "garbled" : "unavailable";
}

/** The other side answered well. */
export async function noteOk(ctx: Ctx, row: ConnectionRow): Promise<void> {
  const now = ctx.clock.now();
  const isNoted = row.lastOkAt !== null && now.getTime() - row.lastOkAt.getTime() < NOTE_EVERY_MS;
  if (isNoted && row.problem === null) return;
  const house = asHouse(ctx);
  await inTenant(house, (tx) =>
    tx.connection.updateMany({
      where: { tenantId: ctx.tenantId, id: row.id, state: "connected" },
      data: { lastOkAt: now, problem: null, problemAt: null },
    }),
  );
}

/** The other side failed in a way that a person should see; the connection stays. */
export async function noteProblem(ctx: Ctx, row: ConnectionRow, problem: ConnectionProblem): Promise<void> {
  const house = asHouse(ctx);
  const { tenantId } = ctx;
  await inTenant(house, (tx) =>
    tx.connection.updateMany({
      // The time is that of the first failure in a row.
      where: { tenantId, id: row.id, state: "connected", OR: [{ problem: null }, { problem: { not: problem } }] },
      data: { problem, problemAt: ctx.clock.now() },
    }),
  );
}

/** The access is of no use any more: nothing is asked with it again until somebody connects anew. Said once. */
export async function markBroken(
  tx: Tx,
  ctx: Ctx,
  { id, provider }: { id: string; provider: ConnectorName },
  problem: ConnectionProblem,
): Promise<void> {
  const { count } = await tx.connection.updateMany({
    where: { tenantId: ctx.tenantId, id, state: "connected" },
    data: {
      state: "broken",
      problem,
      problemAt: ctx.clock.now(),
      accessExpiresAt: null,
      refreshLease: null,
      refreshLeaseUntil: null,
    },
  });
  if (count === 0) return;
  await recordEvent(tx, ctx, { type: "connection.broken", data: { connectionId: id, provider, problem } });
}
