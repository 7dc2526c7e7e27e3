import { PROVIDERS, type ProviderName } from "@/lib/contracts/providers";
import { localDate } from "@/lib/core/local-time";
import { decryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueueEach } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { contactPlace } from "../leads/contacts";

/** A check that this process may make now: it holds a slot until `leaseUntil`. `value` is null when the stored one does not open. */
export type ClaimedLookup = {
  id: string;
  leadId: string;
  contactId: string;
  provider: ProviderName;
  value: string | null;
  attempts: number;
  requestedAt: Date;
  leaseUntil: Date;
};

/** A check that needs no call: the same value was answered on another contact since it was asked for. */
export type AnsweredLookup = {
  id: string;
  leadId: string;
  contactId: string;
  provider: ProviderName;
  state: "found" | "not_found";
  result: unknown;
  checkedAt: Date;
  expiresAt: Date;
};

/** The request that asked for a check, when it is known. */
export type CauseOf = (enrichmentId: string) => string | undefined;

/** `waiting` found no slot: try them again after these calls. */
export type Claim = { calls: ClaimedLookup[]; answered: AnsweredLookup[]; waiting: string[] };

/** Longer than a call with its deadline and the storing of its answer; after it, a slot of a dead process is free again. */
export const LEASE_MS = 30_000;

type Row = {
  id: string;
  lead_id: string;
  contact_id: string;
  provider: ProviderName;
  value_index: string;
  value_cipher: string;
  attempts: number;
  requested_at: Date;
  next_attempt_at: Date | null;
  busy: boolean;
  answer_state: "found" | "not_found" | null;
  answer_result: unknown;
  answer_checked_at: Date;
  answer_expires_at: Date;
};

type Budget = {
  daily_limit: number;
  concurrency_limit: number;
  spent: number;
  not_before: Date | null;
  leased: number;
  time_zone: string;
};
type Deferred = { id: string; at: Date; problem?: "budget" | "paused" };

/**
 * Takes slots for as many of these checks as the firm may have under way, in one transaction. What cannot be done now is either `waiting` (for a slot) or
 * put off with a job of its own: until the provider may be asked again, or until the firm's next day. With `isLastTurn`, what waits is put off as
 * well. Checks that are finished, or gone, are left alone.
 */
export function claimLookups(
  ctx: Ctx,
  ids: readonly string[],
  { isLastTurn = false, causeOf }: { isLastTurn?: boolean; causeOf: CauseOf },
): Promise<Claim> {
  return inTenant(ctx, async (tx) => {
    const claim: Claim = { calls: [], answered: [], waiting: [] };
    const deferred: Deferred[] = [];
    const providers = await listProviders(tx, ctx, ids);
    for (const provider of providers) {
      // The budget row is the lock: whoever holds it sees every slot that is taken.
      const budget = await lockBudget(tx, ctx, provider);
      const rows = await findPending(tx, ctx, provider, ids);
      const part = share(rows, budget, ctx.clock.now());
      claim.answered.push(...part.answered.map(toAnswered));
      claim.calls.push(...(await lease(tx, ctx, provider, part.granted)));
      deferred.push(...part.deferred);
      if (isLastTurn) deferred.push(...part.waiting.map((row) => ({ id: row.id, at: soon(ctx.clock.now()) })));
      else claim.waiting.push(...part.waiting.map((row) => row.id));
    }
    await putOff(tx, ctx, deferred, causeOf);
    return claim;
  });
}

/** A second or a few: somebody else has the slots, and answers come quickly. */
const soon = (now: Date) => new Date(now.getTime() + 1000 + Math.random() * 3000);

async function listProviders(tx: Tx, { tenantId }: Ctx, ids: readonly string[]): Promise<ProviderName[]> {
  const rows = await tx.$queryRaw<{ provider: string }[]>(Prisma.sql`
    SELECT DISTINCT provider FROM enrichment
    WHERE tenant_id = ${tenantId}::uuid AND id = ANY(${ids}::uuid[]) AND state = 'pending' ORDER BY provider`);
  return rows.map((row) => row.provider).filter((name): name is ProviderName => Object.hasOwn(PROVIDERS, name));
}

/** Makes the firm's row if it has none, starts its day anew, drops the leases of the dead, and locks it. */
async function lockBudget(tx: Tx, ctx: Ctx, provider: ProviderName): Promise<Budget> {
  const now = ctx.clock.now();
  const [firm] = await tx.$queryRaw<{ time_zone: string }[]>(Prisma.sql`
    SELECT time_zone FROM tenant WHERE id = ${ctx.tenantId}::uuid`);
  const timeZone = firm?.time_zone ?? "America/Chicago";
  const day = localDate(now, timeZone);
  const { dailyLimit, concurrencyLimit } = PROVIDERS[provider];
  const [row] = await tx.$queryRaw<Omit<Budget, "leased" | "time_zone">[]>(Prisma.sql`
    INSERT INTO vendor_budget AS b (tenant_id, provider, daily_limit, concurrency_limit, day)
    VALUES (${ctx.tenantId}::uuid, ${provider}, ${dailyLimit}, ${concurrencyLimit}, ${day}::date)
    ON CONFLICT (tenant_id, provider) DO UPDATE SET day = greatest(b.day, excluded.day),
      spent = CASE WHEN b.day < excluded.day THEN 0 ELSE b.spent END
    RETURNING daily_limit, concurrency_limit, spent, not_before`);
  const [{ leased } = { leased: 0 }] = await tx.$queryRaw<{ leased: number }[]>(Prisma.sql`
    WITH dead AS (DELETE FROM vendor_lease
      WHERE tenant_id = ${ctx.tenantId}::uuid AND provider = ${provider} AND expires_at <= ${now} RETURNING 1)
    SELECT count(*)::int AS leased FROM vendor_lease
    WHERE tenant_id = ${ctx.tenantId}::uuid AND provider = ${provider} AND expires_at > ${now}`);
  if (!row) throw new Error("The firm's budget row could not be made.");
  return { ...row, leased, time_zone: timeZone };
}

function findPending(tx: Tx, ctx: Ctx, provider: ProviderName, ids: readonly string[]): Promise<Row[]> {
  const now = ctx.clock.now();
  return tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT e.id, e.lead_id, e.contact_id, e.provider, e.value_index, c.value_cipher, e.attempts, e.requested_at, e.next_attempt_at,
      EXISTS (SELECT 1 FROM vendor_lease l JOIN enrichment x ON x.tenant_id = l.tenant_id AND x.id = l.enrichment_id
        WHERE l.tenant_id = e.tenant_id AND l.provider = e.provider AND l.expires_at > ${now} AND x.value_index = e.value_index) AS busy,
      a.state AS answer_state, a.result AS answer_result, a.checked_at AS answer_checked_at, a.expires_at AS answer_expires_at
    FROM enrichment e JOIN contact_point c ON c.tenant_id = e.tenant_id AND c.id = e.contact_id
    LEFT JOIN LATERAL (SELECT a.state, a.result, a.checked_at, a.expires_at FROM enrichment a
      WHERE a.tenant_id = e.tenant_id AND a.provider = e.provider AND a.value_index = e.value_index
        AND a.state IN ('found', 'not_found') AND a.checked_at >= e.requested_at AND a.expires_at > ${now}
      ORDER BY a.checked_at DESC LIMIT 1) a ON true
    WHERE e.tenant_id = ${ctx.tenantId}::uuid AND e.id = ANY(${ids}::uuid[]) AND e.provider = ${provider} AND e.state = 'pending'
    ORDER BY e.requested_at, e.id`);
}

/** Who may call, who need not, who waits and who is put off. */
function share(rows: readonly Row[], budget: Budget, now: Date) {
  const answered: Row[] = [];
  const granted: Row[] = [];
  const waiting: Row[] = [];
  const deferred: Deferred[] = [];
  const values = new Set<string>();
  const paused = budget.not_before !== null && budget.not_before > now ? budget.not_before : null;
  // After a pause one call goes ahead; the others follow when it comes back well.
  const free = (budget.not_before === null ? budget.concurrency_limit : 1) - budget.leased;
  for (const row of rows) {
    if (row.answer_state !== null) answered.push(row);
    else if (row.next_attempt_at !== null && row.next_attempt_at > now)
      deferred.push({ id: row.id, at: row.next_attempt_at });
    else if (paused)
      deferred.push({ id: row.id, at: new Date(paused.getTime() + Math.random() * 2000), problem: "paused" });
    else if (budget.spent + granted.length >= budget.daily_limit) {
      deferred.push({ id: row.id, at: nextDay(now, budget.time_zone), problem: "budget" });
    }
    // One call for one value: the others of the same number take its answer.
    else if (row.busy || values.has(row.value_index) || granted.length >= free) waiting.push(row);
    else {
      values.add(row.value_index);
      granted.push(row);
    }
  }
  return { answered, granted, waiting, deferred };
}

/** The first minutes of the firm's next day, spread so that a long queue does not start at once. */
function nextDay(now: Date, timeZone: string): Date {
  const today = localDate(now, timeZone);
  let at = now.getTime();
  while (localDate(new Date(at), timeZone) === today) at += 900_000;
  return new Date(Math.floor(at / 900_000) * 900_000 + Math.random() * 300_000);
}

async function lease(tx: Tx, ctx: Ctx, provider: ProviderName, rows: readonly Row[]): Promise<ClaimedLookup[]> {
  if (rows.length === 0) return [];
  const leaseUntil = new Date(ctx.clock.now().getTime() + LEASE_MS);
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO vendor_lease (tenant_id, provider, enrichment_id, expires_at)
    SELECT ${ctx.tenantId}::uuid, ${provider}, id, ${leaseUntil} FROM unnest(${rows.map((row) => row.id)}::uuid[]) AS id
    ON CONFLICT (tenant_id, provider, enrichment_id) DO UPDATE SET expires_at = excluded.expires_at`);
  await tx.$executeRaw(Prisma.sql`
    UPDATE vendor_budget SET spent = spent + ${rows.length} WHERE tenant_id = ${ctx.tenantId}::uuid AND provider = ${provider}`);
  return rows.map((row) => ({
    id: row.id,
    leadId: row.lead_id,
    contactId: row.contact_id,
    provider,
    value: open(ctx, row),
    attempts: row.attempts,
    requestedAt: row.requested_at,
    leaseUntil,
  }));
}

function open(ctx: Ctx, row: Row): string | null {
  try {
    return decryptField(row.value_cipher, contactPlace(ctx.tenantId, row.contact_id));
  } catch {
    return null;
  }
}

const toAnswered = (row: Row): AnsweredLookup => ({
  id: row.id,
  leadId: row.lead_id,
  contactId: row.contact_id,
  provider: row.provider,
  state: row.answer_state ?? "not_found",
  result: row.answer_result,
  checkedAt: row.answer_checked_at,
  expiresAt: row.answer_expires_at,
});

async function putOff(tx: Tx, ctx: Ctx, deferred: readonly Deferred[], causeOf: CauseOf): Promise<void> {
  const told = deferred.filter((each) => each.problem !== undefined);
  if (told.length > 0) {
    await tx.$executeRaw(Prisma.sql`
      UPDATE enrichment e SET next_attempt_at = r.at, problem = r.problem
      FROM jsonb_to_recordset(${JSON.stringify(told)}::jsonb) AS r(id uuid, at timestamptz, problem text)
      WHERE e.tenant_id = ${ctx.tenantId}::uuid AND e.id = r.id AND e.state = 'pending'`);
  }
  const jobs = deferred.map(({ id, at }) => ({
    payload: { tenantId: ctx.tenantId, enrichmentId: id },
    startAfter: at,
    requestId: causeOf(id),
  }));
  await enqueueEach(tx, "enrichment.lookup", jobs);
}

/** Gives slots back before they run out. */
export async function giveBackSlots(tx: Tx, ctx: Ctx, lookups: readonly ClaimedLookup[]): Promise<void> {
  // A slot that ran out meanwhile may be another worker's now: its end tells them apart.
  const rows = lookups.map(({ id, provider, leaseUntil }) => ({ id, provider, until: leaseUntil }));
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM vendor_lease l
    USING jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, provider text, until timestamptz)
    WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.provider = r.provider AND l.enrichment_id = r.id AND l.expires_at = r.until`);
}
