import { newId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { inTenant } from "../context/in-tenant";
import { pauseConnection } from "./pause";
import { isOutage, retryAt } from "./retry-at";

/** What of ours a link stands for: a calendar event or a meeting of a consultation, a record of a lead. */
export type LinkKind = "event" | "meeting" | "crm_lead";
/** `removed`: it was there, and is not any more. `failed`: a person has to look. */
export type LinkState = "pending" | "linked" | "removed" | "failed";

/** What stands for ours at the other side. */
export type LinkRow = {
  id: string;
  connectionId: string;
  kind: LinkKind;
  leadId: string;
  consultationId: string | null;
  externalId: string | null;
  etag: string | null;
  externalModifiedAt: Date | null;
  state: LinkState;
  pushedHash: string | null;
  snapshot: unknown;
  details: Record<string, unknown>;
  problem: string | null;
  attempts: number;
  /** Until when the worker that claimed it holds it, and by which its claim is known from a later one. */
  claimedUntil: Date;
};

/** A link that a worker holds, as `claimLink` gave it. */
export type LinkClaim = Pick<LinkRow, "id" | "claimedUntil">;

/** Which link: of a consultation, or of a lead (`crm_lead`, without `consultationId`). */
export type LinkOf = { connectionId: string; kind: LinkKind; leadId: string; consultationId?: string | null };

/** What a write at the other side came to; what is left out stays. */
export type LinkChange = Partial<
  Pick<
    LinkRow,
    "leadId" | "externalId" | "etag" | "externalModifiedAt" | "state" | "pushedHash" | "snapshot" | "details"
  >
>;

/** How long a claim holds: longer than a worker writes, so that it ends only when the worker died. */
const CLAIMED_MS = 60_000;
/** When whoever found a link held comes back. */
const HELD_RETRY_MS = 3000;

const COLUMNS = Prisma.sql`id, connection_id AS "connectionId", kind, lead_id AS "leadId", consultation_id AS "consultationId",
  external_id AS "externalId", etag, external_modified_at AS "externalModifiedAt", state, pushed_hash AS "pushedHash", snapshot, details,
  problem, attempts, claimed_until AS "claimedUntil"`;

/**
 * Takes a link for writing at the other side, for a minute; makes it when there is none. Null when another worker has it: then the consultation is done again
 * three seconds later (a job in this transaction), since what the other worker read may be older than what we came for. A claim that nobody gives back
 * is due again when it ends.
 */
export async function claimLink(
  tx: Tx,
  ctx: Ctx,
  { connectionId, kind, leadId, consultationId = null }: LinkOf,
): Promise<LinkRow | null> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const until = new Date(now.getTime() + CLAIMED_MS);
  const same = Prisma.sql`tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = ${kind}
    AND ${consultationId ? Prisma.sql`consultation_id = ${consultationId}::uuid` : Prisma.sql`lead_id = ${leadId}::uuid AND consultation_id IS NULL`}`;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO sync_link (tenant_id, id, connection_id, kind, lead_id, consultation_id, state, updated_at)
    VALUES (${tenantId}::uuid, ${newId()}::uuid, ${connectionId}::uuid, ${kind}, ${leadId}::uuid, ${consultationId}::uuid, 'pending', ${now})
    ON CONFLICT DO NOTHING`);
  const [row] = await tx.$queryRaw<LinkRow[]>(Prisma.sql`
    UPDATE sync_link SET claimed_until = ${until}, next_attempt_at = ${until}
    WHERE ${same} AND (claimed_until IS NULL OR claimed_until <= ${now}) RETURNING ${COLUMNS}`);
  if (row) return row;
  const again = new Date(now.getTime() + HELD_RETRY_MS);
  // An attempt that is due before the claim ends tells the holder, as it gives the link back, that somebody wants it.
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET next_attempt_at = ${again} WHERE ${same} AND claimed_until > ${again}`);
  if (consultationId) await enqueue(tx, "sync.consultation", [{ tenantId, consultationId }], { startAfter: again });
  return null;
}

/**
 * Holds a claimed link for another minute: asked right before something is made at the other side that cannot be made twice under one name. Null when the claim
 * ended and somebody else took the link since.
 */
export async function renewLink(tx: Tx, { tenantId, clock }: Ctx, claim: LinkClaim): Promise<LinkClaim | null> {
  const claimedUntil = new Date(clock.now().getTime() + CLAIMED_MS);
  const count = await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET claimed_until = ${claimedUntil},
      next_attempt_at = CASE WHEN next_attempt_at < claimed_until THEN next_attempt_at ELSE ${claimedUntil}::timestamptz END
    WHERE tenant_id = ${tenantId}::uuid AND id = ${claim.id}::uuid AND claimed_until = ${claim.claimedUntil}`);
  return count > 0 ? { id: claim.id, claimedUntil } : null;
}

/**
 * Writes what came of it, counts the failures from zero again, and gives the link back, in the transaction that records the event. False, and nothing is
 * written, when the claim ended meanwhile and the link is somebody else's.
 */
export async function saveLink(tx: Tx, ctx: Ctx, claim: LinkClaim, change: LinkChange): Promise<boolean> {
  const { tenantId } = ctx;
  const { id, claimedUntil } = claim;
  const { snapshot, details, ...plain } = change;
  const { count } = await tx.syncLink.updateMany({
    where: { tenantId, id, claimedUntil },
    data: {
      ...plain,
      ...(snapshot === undefined
        ? {}
        : { snapshot: snapshot === null ? Prisma.DbNull : (snapshot as Prisma.InputJsonValue) }),
      ...(details === undefined ? {} : { details: details as Prisma.InputJsonValue }),
      updatedAt: ctx.clock.now(),
    },
  });
  if (count === 0) return false;
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET claimed_until = NULL, attempts = 0, problem = NULL,
      next_attempt_at = CASE WHEN next_attempt_at < claimed_until THEN next_attempt_at END
    WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid`);
  return true;
}

/**
 * Keeps why nothing came of it, in a transaction of its own, and gives the link back: due again by the retry policy. When there are no tries left it is `failed`,
 * unless something stands there: then it stays what it is, with the problem, since what is done to that there still has to be seen. An outage lets the rest of
 * the connection wait too. Nothing is kept of a claim that ended: the link is somebody else's.
 */
export async function failLink(ctx: Ctx, claim: LinkClaim, error: unknown): Promise<void> {
  const { tenantId } = ctx;
  const { id, claimedUntil } = claim;
  const now = ctx.clock.now();
  await inTenant(ctx, async (tx) => {
    const [row] = await tx.$queryRaw<{ attempts: number; connectionId: string }[]>(Prisma.sql`
      SELECT attempts, connection_id AS "connectionId" FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid
        AND claimed_until = ${claimedUntil} FOR UPDATE`);
    if (!row) return;
    const attempts = row.attempts + 1;
    const { problem, at } = retryAt(error, attempts, now);
    log.warn("a link was not brought up to date", {
      tenantId,
      kind: problem,
      attempt: attempts,
      ...failureFields(error),
    });
    await tx.$executeRaw(Prisma.sql`
      UPDATE sync_link SET claimed_until = NULL, attempts = ${attempts}, problem = ${problem}, next_attempt_at = ${at}, updated_at = ${now},
        state = CASE WHEN ${at}::timestamptz IS NULL AND external_id IS NULL THEN 'failed' ELSE state END
      WHERE tenant_id = ${tenantId}::uuid AND id = ${id}::uuid`);
    if (at && isOutage(error)) await pauseConnection(tx, ctx, row.connectionId, { problem, until: at });
  });
}
