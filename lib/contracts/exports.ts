import { z } from "zod";
import { AuditFilter } from "./audit";
import { LeadFilter } from "./leads";

const instant = z.string();

/** What can be prepared: leads, or the audit trail. */
export const EXPORT_KINDS = ["leads", "audit"] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** `waiting` and `running` are under way; a `ready` one can be fetched until it expires. */
export const EXPORT_STATES = ["waiting", "running", "ready", "failed", "expired"] as const;
export type ExportState = (typeof EXPORT_STATES)[number];

/** The body of `POST /api/exports`: what is to be written into a file, by the filter of its list. */
export const AskExport = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("leads"), filter: LeadFilter.prefault({}) }),
  z.strictObject({ kind: z.literal("audit"), filter: AuditFilter.prefault({}) }),
]);
export type AskExport = z.infer<typeof AskExport>;

/** One export. `rowsExpected` is null until they are counted; `problem` says in words why a failed one failed. */
export const ExportDto = z.strictObject({
  id: z.string(),
  kind: z.enum(EXPORT_KINDS),
  state: z.enum(EXPORT_STATES),
  /** The filter in words, without what was searched for. */
  about: z.string(),
  askedBy: z.strictObject({ type: z.enum(["user", "apiKey"]), id: z.string(), name: z.string() }),
  rowsExpected: z.int().nullable(),
  rows: z.int(),
  bytes: z.int().nullable(),
  filename: z.string(),
  problem: z.string().nullable(),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  expiresAt: instant.nullable(),
});
export type ExportDto = z.infer<typeof ExportDto>;

/** The query of `GET /api/exports`: newest first. */
export const ExportQuery = z.strictObject({
  limit: z.int().min(1).max(100).default(50),
  cursor: z.string().max(1000).optional(),
});
export type ExportQuery = z.infer<typeof ExportQuery>;

/** The reply of `GET /api/exports`. */
export const ExportPage = z.strictObject({ exports: z.array(ExportDto), nextCursor: z.string().nullable() });
export type ExportPage = z.infer<typeof ExportPage>;
