import { z } from "zod";
import { megabytes } from "@/lib/core/bytes";
import { COUNTIES } from "@/lib/core/county";
import { IMPORT_FIELD_KEYS } from "@/lib/core/import-fields";
import { IMPORT_MAX_BYTES, IMPORT_MAX_COLUMNS } from "@/lib/core/import-limits";
import { text } from "@/lib/core/text";

/**
 * `uploading` waits for its file, `mapping` for its columns; `checking` is the dry run, `checked` waits for a yes; `importing` writes leads, `undoing` takes them
 * back. What `failed` says in `failedAt` what it was doing.
 */
export const IMPORT_STATES = [
  "uploading",
  "mapping",
  "checking",
  "checked",
  "importing",
  "done",
  "failed",
  "undoing",
  "undone",
] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

/** Why an undo kept a lead: what somebody has done with it since, or that another file shows it too. */
export const KEPT_REASONS = ["status", "note", "contact", "consultation", "seen_again"] as const;
export type KeptReason = (typeof KEPT_REASONS)[number];

const instant = z.string();
const count = z.int().min(0);
const county = z.enum(COUNTIES, "must be one of the 254 counties of Texas");
const mapping = z.partialRecord(
  z.enum(IMPORT_FIELD_KEYS),
  z
    .int()
    .min(0)
    .max(IMPORT_MAX_COLUMNS - 1),
);

/** The body of `POST /api/imports`. */
export const BeginImport = z.strictObject({
  filename: text(300),
  bytes: z
    .int()
    .min(1, "must not be an empty file")
    .max(IMPORT_MAX_BYTES, `must be at most ${megabytes(IMPORT_MAX_BYTES)}`),
});
export type BeginImport = z.infer<typeof BeginImport>;

/** The body of `PATCH /api/imports/{id}`: which column is which field, and the county of rows that name none. */
export const ChangeMapping = z.strictObject({ mapping, county: county.nullable() });
export type ChangeMapping = z.infer<typeof ChangeMapping>;

/** One import. The counts are those of the dry run until the import has begun, then its own. */
export const ImportDto = z.strictObject({
  id: z.string(),
  filename: z.string(),
  bytes: count.nullable(),
  state: z.enum(IMPORT_STATES),
  failedAt: z.enum(["checking", "importing", "undoing"]).nullable(),
  problem: z.string().nullable(),
  county: county.nullable(),
  /** The headings of the file; null until it is there. */
  columns: z.array(z.string()).nullable(),
  mapping,
  /** Null until they were counted by a dry run. */
  rowsTotal: count.nullable(),
  rowsDone: count,
  created: count,
  updated: count,
  unchanged: count,
  rejected: count,
  suppressed: count,
  /** Of an undo: leads taken back, and leads kept, by reason. */
  withdrawn: count,
  kept: z.partialRecord(z.enum(KEPT_REASONS), count),
  importedBy: z.strictObject({ id: z.string(), name: z.string() }),
  createdAt: instant,
  finishedAt: instant.nullable(),
  /** Whether the file is still there; it goes two days after the last thing that was done with it. */
  hasFile: z.boolean(),
});
export type ImportDto = z.infer<typeof ImportDto>;

/** Where a file goes: a form to post to a bucket, fields first and then `file`; null for our own `PUT /api/imports/{id}/file`. */
export const UploadTarget = z.strictObject({ url: z.string(), fields: z.record(z.string(), z.string()) }).nullable();

/** The reply of `POST /api/imports`. */
export const BegunImport = z.strictObject({ import: ImportDto, upload: UploadTarget });
export type BegunImport = z.infer<typeof BegunImport>;

/** The reply of `GET /api/imports/{id}`: with the first rows while columns can still be chosen. */
export const ImportDetail = z.strictObject({ import: ImportDto, samples: z.array(z.array(z.string())) });
export type ImportDetail = z.infer<typeof ImportDetail>;

const page = { limit: z.int().min(1).max(100).default(50), cursor: z.string().max(1000).optional() };

/** The query of `GET /api/imports`: newest first. */
export const ImportQuery = z.strictObject(page);
export type ImportQuery = z.infer<typeof ImportQuery>;

/** The reply of `GET /api/imports`. */
export const ImportPage = z.strictObject({ imports: z.array(ImportDto), nextCursor: z.string().nullable() });
export type ImportPage = z.infer<typeof ImportPage>;

/** Why a row is not taken: where, and in words that do not repeat what stands there. The headings are row 1. */
export const ImportProblem = z.strictObject({
  row: z.int(),
  field: z.enum([...IMPORT_FIELD_KEYS, "row"]),
  code: z.enum(["invalid", "juvenile", "duplicate", "malformed"]),
  reason: z.string(),
});
export type ImportProblem = z.infer<typeof ImportProblem>;

/** The query of `GET /api/imports/{id}/problems`: by row. */
export const ProblemQuery = z.strictObject(page);
export type ProblemQuery = z.infer<typeof ProblemQuery>;

/** The reply. The first 1,000 are kept; `total` counts them all. */
export const ProblemPage = z.strictObject({
  problems: z.array(ImportProblem),
  total: count,
  nextCursor: z.string().nullable(),
});
export type ProblemPage = z.infer<typeof ProblemPage>;
