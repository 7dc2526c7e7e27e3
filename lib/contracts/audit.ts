import { z } from "zod";
import { AUDIT_GROUPS } from "@/lib/core/audit-group";
import { text } from "@/lib/core/text";

const instant = z.string();
const day = z.iso.date({ error: "must be a date (YYYY-MM-DD)" });

/** The filter of the audit page, its API and its CSV; `from` and `to` are days in the firm's time zone, both inclusive. */
export const AuditFilter = z.strictObject({
  group: z.enum(AUDIT_GROUPS).optional(),
  type: text(60).optional(),
  /** A user, key, service or job by its id or name as events hold it. */
  actor: text(100).optional(),
  lead: z.uuid("must be a lead id").optional(),
  from: day.optional(),
  to: day.optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

/** The query of `GET /api/audit`: newest first. */
export const AuditQuery = AuditFilter.extend({
  limit: z.int().min(1).max(200).default(100),
  cursor: z.string().max(1000).optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** One event of the firm. `sequence` is its place in the sealed chain; null for some seconds after it happened. */
export const AuditEntry = z.strictObject({
  id: z.string(),
  sequence: z.int().nullable(),
  type: z.string(),
  occurredAt: instant,
  actor: z.strictObject({ type: z.string(), id: z.string(), name: z.string() }),
  leadId: z.string().nullable(),
  requestId: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** The reply of `GET /api/audit`. `names`: what the users and keys are called whose ids stand in the data of these entries. */
export const AuditPage = z.strictObject({
  entries: z.array(AuditEntry),
  names: z.record(z.string(), z.string()),
  nextCursor: z.string().nullable(),
});
export type AuditPage = z.infer<typeof AuditPage>;

/** How far a firm's chain is sealed, signed and verified; each null before the first time. */
export type AuditChain = {
  sealed: { sequence: number; at: string } | null;
  signed: { sequence: number; at: string } | null;
  verified: { sequence: number; at: string } | null;
  /** What the last verification found wrong, in words, and at which number. */
  problem: { sequence: number | null; words: string; since: string } | null;
};
