import { VendorError } from "@/lib/core/errors";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { Turn } from "../sync-provider";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What is older says nothing: credits come back as the day goes on. */
const KNOWN_MS = HOUR;
const WAIT_MS = 2 * HOUR;
const SPARING_MS = 30 * MINUTE;

/**
 * True below a tenth of a day's credits. Zoho does not say how many a day has, and begins to say how many are left when half of them is used: the most
 * that was ever left is half of a day's.
 */
export const isLow = (left: number, most: number): boolean => left < (2 * most) / 10;

/** What a position remembers of credits: the most that were ever left, and when we asked last. */
export type CreditMemory = { most?: number; askedAt?: string };

/** The same after a call. */
export const remember = (ctx: Ctx, { most = 0 }: CreditMemory, creditsLeft: number | null): CreditMemory => ({
  most: Math.max(most, creditsLeft ?? 0),
  askedAt: ctx.clock.now().toISOString(),
});

/**
 * Before a portion: a first pull waits for hours when credits are low, so that what people do every day still goes through; the rest goes on at intervals.
 * Says whether to ask now. @throws VendorError `throttled` for a first pull that has to wait.
 */
export async function mayAsk(
  ctx: Ctx,
  { connectionId, phase }: Pick<Turn, "connectionId" | "phase">,
  memory: CreditMemory,
): Promise<boolean> {
  const { tenantId, clock } = ctx;
  const row = await inTenant(ctx, (tx) =>
    tx.connection.findUnique({
      where: { tenantId_id: { tenantId, id: connectionId } },
      select: { quotaLeft: true, quotaAt: true },
    }),
  );
  const now = clock.now().getTime();
  if (row?.quotaLeft == null || !row.quotaAt || now - row.quotaAt.getTime() > KNOWN_MS) return true;
  const left = Number(row.quotaLeft);
  if (!isLow(left, Math.max(memory.most ?? 0, left))) return true;
  if (phase === "backfill") {
    throw new VendorError("zoho", "throttled", "has few credits left", { code: "CREDITS_LOW", retryAfterMs: WAIT_MS });
  }
  return memory.askedAt === undefined || now - Date.parse(memory.askedAt) >= SPARING_MS;
}

/**
 * The same for what asks outside a pull: what can be done later waits as a first pull does, what people are waiting for goes on at intervals. What was left at
 * most is what the pulls remember; when we asked last is what the push does.
 */
export async function mayAskBeside(ctx: Ctx, connectionId: string, phase: Turn["phase"]): Promise<boolean> {
  const [memory] = await inTenant(ctx, (tx) =>
    tx.$queryRaw<{ most: number | null; askedAt: string | null }[]>(Prisma.sql`
      SELECT max((position->>'most')::float8) AS most, max(position->>'askedAt') FILTER (WHERE resource = 'push') AS "askedAt"
      FROM sync_cursor WHERE tenant_id = ${ctx.tenantId}::uuid AND connection_id = ${connectionId}::uuid`),
  );
  const { most, askedAt } = memory ?? { most: null, askedAt: null };
  return mayAsk(ctx, { connectionId, phase }, { ...(most ? { most } : {}), ...(askedAt ? { askedAt } : {}) });
}
