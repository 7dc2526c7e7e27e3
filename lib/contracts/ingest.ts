import { z } from "zod";
import { BAIL_TYPES } from "@/lib/core/bail";
import { COUNTIES } from "@/lib/core/county";
import { MAX_BAIL_CENTS } from "@/lib/core/money";
import { isStorable, text, visibleText } from "@/lib/core/text";
import { SOURCES } from "./sources";

/** Greatest request body of the ingest route, in bytes. */
export const INGEST_MAX_BYTES = 5_000_000;
/** Greatest number of leads in one batch. */
export const INGEST_MAX_LEADS = 1000;

const instant = z.iso.datetime({ offset: true, message: "must be an ISO 8601 date-time with a zone" });
const sourceId = text(200).regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");

/** A name as printed, or in the parts that the source gives. */
export const IngestName = z.union([
  z.strictObject({ full: visibleText(300) }),
  z.strictObject({
    first: visibleText(100),
    middle: text(100).optional(),
    last: visibleText(100),
    suffix: text(20).optional(),
  }),
]);
export type IngestName = z.infer<typeof IngestName>;

/** Upper classes as Texas law names them; free text from the source is classified by `lib/core/offense.ts`. */
export const IngestCharge = z.strictObject({
  offense: visibleText(500),
  /** Offense level as printed, such as `F3`, `MA`, `Class A Misdemeanor`. */
  level: text(60).optional(),
  /** One of the known kinds, or the words as printed. */
  bailType: z.union([z.enum(BAIL_TYPES), text(80)]).optional(),
  /** Whole cents. 0 is a $0 bond; absent means that no amount is shown. */
  bailCents: z.int("must be a whole number of cents").min(0).max(MAX_BAIL_CENTS).optional(),
  causeNumber: text(80).optional(),
});
export type IngestCharge = z.infer<typeof IngestCharge>;

/** A phone number or e-mail address that the source itself shows; kept as the source's, apart from the firm's own. */
export const IngestContact = z.strictObject({ kind: z.enum(["phone", "email"]), value: text(254) });

/** A lead as a source shows it now. Every posting is one observation. */
export const IngestLead = z.strictObject({
  sourceId,
  sourceUrl: z
    .url({ protocol: /^https?$/, message: "must be an http(s) URL" })
    .max(500)
    // The address is kept as it came, and what a URL parser would escape may be nothing that Postgres can store.
    .refine(isStorable, "must be an http(s) URL")
    .optional(),
  name: IngestName,
  dateOfBirth: z.iso.date("must be a date, YYYY-MM-DD").optional(),
  county: z.enum(COUNTIES, "must be one of the 254 counties of Texas"),
  arrestedAt: instant.optional(),
  magistratedAt: instant.optional(),
  magistrate: text(200).optional(),
  custodyStatus: text(80).optional(),
  charges: z.array(IngestCharge).max(100),
  contacts: z.array(IngestContact).max(20).optional(),
  labels: z.array(text(300)).max(50, "must have at most 50 labels").optional(),
});
export type IngestLead = z.infer<typeof IngestLead>;

/** A form that is no longer on the source's list. */
export const IngestWithdrawal = z.strictObject({ sourceId, withdrawnAt: instant });
export type IngestWithdrawal = z.infer<typeof IngestWithdrawal>;

/** The body of `POST /api/leads/ingest`. Leads are parsed one by one by the verb, so that one bad row never sinks the others. */
export const IngestEnvelope = z.strictObject({
  source: z.string().refine((id) => SOURCES.has(id), "must be a registered source, such as topics.travis or api"),
  observedAt: instant.optional(),
  runId: z.uuid("must be the id of an ingest run").optional(),
  leads: z
    .array(z.unknown())
    .min(1, "must hold at least one lead")
    .max(INGEST_MAX_LEADS, "must hold at most 1000 leads"),
});
export type IngestEnvelope = z.infer<typeof IngestEnvelope>;

/** How a row of a batch can end. Every row has exactly one. */
export const INGEST_OUTCOMES = ["created", "updated", "unchanged", "rejected", "superseded", "suppressed"] as const;
export type IngestOutcome = (typeof INGEST_OUTCOMES)[number];

/** Why a row was rejected; `field` is a path inside the row. */
export const IngestProblem = z.strictObject({
  code: z.enum(["invalid", "juvenile"]),
  field: z.string(),
  reason: z.string(),
});
export type IngestProblem = z.infer<typeof IngestProblem>;

/** What became of one row; `index` is its place in the batch as sent. */
export const IngestResult = z.strictObject({
  index: z.int(),
  /** Null only when the row has no readable `sourceId`. */
  sourceId: z.string().nullable(),
  outcome: z.enum(INGEST_OUTCOMES),
  leadId: z.string().optional(),
  problem: IngestProblem.optional(),
});
export type IngestResult = z.infer<typeof IngestResult>;

/** The reply of ingest: every row is accounted for, in the order it was sent. */
export const IngestReport = z.strictObject({
  batchId: z.string(),
  received: z.int(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  rejected: z.int(),
  superseded: z.int(),
  suppressed: z.int(),
  results: z.array(IngestResult),
});
export type IngestReport = z.infer<typeof IngestReport>;

/** The body of `POST /api/ingest/runs`. */
export const StartIngestRun = z.strictObject({
  source: IngestEnvelope.shape.source,
  county: z.enum(COUNTIES).optional(),
});
export type StartIngestRun = z.infer<typeof StartIngestRun>;

/** How a run stands. `partial` read some of what it found and says in `error` what it did not. */
export const RUN_STATUSES = ["running", "succeeded", "partial", "failed"] as const;
const count = z.int().min(0).max(10_000_000);

/** The body of `PATCH /api/ingest/runs/{id}`: found = new + changed + same + rejected + suppressed. */
export const FinishIngestRun = z.strictObject({
  status: z.enum(RUN_STATUSES),
  found: count,
  new: count,
  changed: count,
  same: count,
  rejected: count,
  suppressed: count,
  withdrawn: count,
  error: text(2000).optional(),
});
export type FinishIngestRun = z.infer<typeof FinishIngestRun>;

/** A run as it is stored. Counts are absent until the worker has given them. */
export const IngestRunDto = FinishIngestRun.partial().extend({
  id: z.string(),
  source: z.string(),
  county: z.string().nullable(),
  status: z.enum(RUN_STATUSES),
  error: z.string().nullable().optional(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
});
export type IngestRunDto = z.infer<typeof IngestRunDto>;

/** The query of `GET /api/ingest/known`. */
export const KnownQuery = z.strictObject({
  source: IngestEnvelope.shape.source,
  county: z.enum(COUNTIES).optional(),
  cursor: z.string().max(1000).optional(),
});
export type KnownQuery = z.infer<typeof KnownQuery>;

/** What the firm already holds of a source, so that a worker fetches only what is new or due. Withdrawn leads are left out. */
export const KnownPage = z.strictObject({
  known: z.array(z.strictObject({ sourceId: z.string(), contentHash: z.string(), nextObserveAt: z.string() })),
  nextCursor: z.string().nullable(),
});
export type KnownPage = z.infer<typeof KnownPage>;
