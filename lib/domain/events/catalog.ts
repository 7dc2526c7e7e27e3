import { z } from "zod";
import { EVIDENCE_REFUSALS } from "@/lib/contracts/evidence";
import { LeadFilter } from "@/lib/contracts/leads";
import { BAIL_TYPES } from "@/lib/core/bail";
import { ERASURE_REASONS } from "@/lib/core/erasure";
import { EVIDENCE_TYPE_NAMES } from "@/lib/core/evidence-types";
import { LEAD_STATUSES } from "@/lib/core/lead-status";
import { CONSULTATION_EVENTS } from "./consultation-events";
import { FIRM_EVENTS } from "./firm-events";

const bail = z.strictObject({ type: z.enum(BAIL_TYPES), cents: z.int().nullable() });
const offense = z.string();
const batchId = z.string();
const evidenceId = z.string();
const contact = { contactId: z.string(), kind: z.enum(["phone", "email"]) };
/** A LeadFilter without the words searched for: those are often a name, so only their keyed digest is kept. */
const filter = LeadFilter.omit({ q: true }).extend({ qDigest: z.string().nullable() });
const vendor = { provider: z.string(), contactId: z.string(), enrichmentId: z.string() };

/**
 * Everything that can be said to have happened, in the past tense, with the facts it carries. No names, numbers or addresses of persons: history
 * outlives an erasure. What the firm says of a lead in its own words is kept beside the lead (lead_note); the event has its id.
 */
export const EVENTS = {
  "lead.ingested": z.strictObject({ source: z.string(), batchId, charges: z.int() }),
  "lead.bail_changed": z.strictObject({ batchId, observedAt: z.string(), offense, from: bail, to: bail }),
  "lead.cause_number_assigned": z.strictObject({ batchId, observedAt: z.string(), offense, causeNumber: z.string() }),
  "lead.cause_number_changed": z.strictObject({
    batchId,
    observedAt: z.string(),
    offense,
    from: z.string(),
    to: z.string().nullable(),
  }),
  "lead.charge_added": z.strictObject({ batchId, observedAt: z.string(), offense, bail }),
  "lead.charge_removed": z.strictObject({ batchId, observedAt: z.string(), offense, bail }),
  "lead.details_changed": z.strictObject({ batchId, observedAt: z.string(), fields: z.array(z.string()) }),
  "lead.withdrawn": z.strictObject({ batchId, observedAt: z.string(), withdrawnAt: z.string() }),
  "lead.reinstated": z.strictObject({ batchId, observedAt: z.string() }),
  "lead.rescored": z.strictObject({ from: z.int(), to: z.int(), band: z.string() }),
  "lead.status_changed": z.strictObject({
    from: z.enum(LEAD_STATUSES),
    to: z.enum(LEAD_STATUSES),
    reasonId: z.string().nullable(),
    noteId: z.string().nullable(),
    /** Closed because the import that brought it was taken back; `version` is what the lead then had (known-leads.ts). */
    takenBack: z.strictObject({ importId: z.string(), version: z.int() }).optional(),
  }),
  /** Everything of it that named the person is gone; the certificate has the id. */
  "lead.erased": z.strictObject({
    erasureId: z.string(),
    because: z.enum(ERASURE_REASONS),
    rows: z.int(),
    files: z.int(),
  }),
  "lead.viewed": z.strictObject({}),
  "leads.listed": z.strictObject({ filter }),
  "lead.exported": z.strictObject({ exportId: z.string(), filter, columns: z.array(z.string()) }),
  "lead.export_finished": z.strictObject({ exportId: z.string(), rows: z.int(), complete: z.boolean() }),
  "contact.added": z.strictObject({ ...contact, origin: z.enum(["source", "firm"]), basis: z.string().nullable() }),
  "contact.corrected": z.strictObject({ ...contact, fields: z.array(z.string()) }),
  "contact.removed": z.strictObject(contact),
  "evidence.added": z.strictObject({ evidenceId, kind: z.enum(EVIDENCE_TYPE_NAMES), bytes: z.int() }),
  "evidence.refused": z.strictObject({ evidenceId, reason: z.enum(EVIDENCE_REFUSALS) }),
  "evidence.opened": z.strictObject({ evidenceId }),
  "evidence.removed": z.strictObject({ evidenceId }),
  "lead.enrichment_requested": z.strictObject(vendor),
  "lead.enriched": z.strictObject({ ...vendor, state: z.string(), words: z.string() }),
  "lead.enrichment_failed": z.strictObject({ ...vendor, kind: z.string() }),
  "ingest.run_started": z.strictObject({ runId: z.string(), source: z.string() }),
  "ingest.run_finished": z.strictObject({ runId: z.string(), source: z.string(), status: z.string() }),
  "ingest.rows_rejected": z.strictObject({ batchId, source: z.string(), rejected: z.int(), juvenile: z.int() }),
  ...CONSULTATION_EVENTS,
  ...FIRM_EVENTS,
} as const;

export type EventType = keyof typeof EVENTS;
export type EventOf<T extends EventType> = { type: T; leadId?: string; data: z.infer<(typeof EVENTS)[T]> };
/** An event of any type, with the data that belongs to that type. */
export type AnyEvent = { [T in EventType]: EventOf<T> }[EventType];
