import { createHash } from "node:crypto";
import { blindIndex } from "@/lib/platform/crypto";
import { Prisma } from "@/lib/platform/db";

/** An event as it is sealed: every column as text that does not depend on who reads it. */
export type SealableEvent = {
  id: string;
  type: string;
  leadId: string | null;
  actorType: string;
  actorId: string;
  requestId: string;
  /** JSON with the order and spacing that jsonb gives. */
  data: string;
  /** Microseconds since 1970: a Date would lose the last three digits. */
  occurredAt: string;
  recordedTxid: string;
};

/** The columns of `event` that make a SealableEvent. */
export const sealableColumns = Prisma.sql`id, type, lead_id AS "leadId", actor_type AS "actorType", actor_id AS "actorId",
  request_id AS "requestId", data::text AS data, (extract(epoch FROM occurred_at) * 1000000)::bigint::text AS "occurredAt",
  recorded_txid::text AS "recordedTxid"`;

/** What the first event of a firm is chained to. */
export const FIRST_LINK = "0".repeat(64);

/**
 * The hash of one link: SHA-256 over the one before and the event. What could hold personal data (`data`, who acted) enters as a keyed digest, so that the
 * chain, which is exported and outlives an erasure, cannot be used to guess it.
 */
export function eventHash(link: {
  previous: string;
  sequence: number;
  tenantId: string;
  event: SealableEvent;
}): string {
  const { previous, sequence, tenantId, event } = link;
  const digest = (value: string) => blindIndex(value, { tenantId, purpose: "event" });
  const canonical = JSON.stringify([
    previous,
    sequence,
    tenantId,
    event.id,
    event.type,
    event.leadId,
    event.actorType,
    digest(event.actorId),
    event.requestId,
    digest(event.data),
    event.occurredAt,
    event.recordedTxid,
  ]);
  return createHash("sha256").update(canonical).digest("hex");
}
