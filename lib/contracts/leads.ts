import { z } from "zod";
import { BAIL_TYPES } from "@/lib/core/bail";
import { BANDS } from "@/lib/core/band";
import { LEAD_COUNTIES } from "@/lib/core/county";
import { LEAD_STATUSES } from "@/lib/core/lead-status";
import { OFFENSE_CLASSES } from "@/lib/core/offense";
import { text } from "@/lib/core/text";

/** What a list can be sorted by; ties are broken by id. */
export const LEAD_SORTS = ["firstSeen", "arrested", "score", "bail"] as const;
export type LeadSort = (typeof LEAD_SORTS)[number];

const FIRST_DAY = Date.UTC(1900, 0, 1);
const dayOrInstant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: "must be a date (YYYY-MM-DD) or an ISO 8601 date-time with a zone",
  })
  // Postgres knows no year 0, and nothing here is older than the first arrest that is taken in.
  .refine((value) => Date.parse(value) >= FIRST_DAY, "must not be before 1900");

/**
 * The one filter of list page, API and export; it lives in the URL. An empty array means "any". `from` is inclusive; `to` as a date
 * includes that whole day in the firm's time zone, as a date-time it is exclusive.
 */
export const LeadFilter = z.strictObject({
  status: z.array(z.enum(LEAD_STATUSES)).max(LEAD_STATUSES.length).default([]),
  county: z.array(z.enum(LEAD_COUNTIES)).max(LEAD_COUNTIES.length).default([]),
  band: z.array(z.enum(BANDS)).max(BANDS.length).default([]),
  from: dayOrInstant.optional(),
  to: dayOrInstant.optional(),
  dateField: z.enum(["firstSeen", "arrested"]).default("firstSeen"),
  /** Searches name, cause number and offense: every word must occur. */
  q: text(200).optional(),
  sort: z.enum(LEAD_SORTS).default("score"),
  dir: z.enum(["asc", "desc"]).default("desc"),
  newSinceMyLastVisit: z.boolean().default(false),
});
export type LeadFilter = z.infer<typeof LeadFilter>;

/** The query of `GET /api/leads`: the filter and the place in its pages. */
export const LeadPageQuery = LeadFilter.extend({
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().max(1000).optional(),
});
export type LeadPageQuery = z.infer<typeof LeadPageQuery>;

/** What is known of a lead's contacts, in one word for the list. */
export const CONTACT_STATES = [
  "none",
  "unchecked",
  "checking",
  "failed",
  "mobile_valid",
  "landline_valid",
  "voip_valid",
  "phone_valid",
  "phone_invalid",
  "email_deliverable",
  "email_risky",
  "email_undeliverable",
  "email_unknown",
] as const;
export type ContactState = (typeof CONTACT_STATES)[number];

const instant = z.string();

/** One lead as the list shows it. Instants are ISO 8601 UTC; show them in `timeZone`. */
export const LeadDto = z.strictObject({
  id: z.string(),
  version: z.int(),
  source: z.string(),
  sourceId: z.string(),
  sourceUrl: z.string().nullable(),
  /** `Last, First Middle Suffix` when the parts are known, else as printed. */
  name: z.string(),
  dateOfBirth: z.string().nullable(),
  county: z.string(),
  timeZone: z.string(),
  status: z.enum(LEAD_STATUSES),
  score: z.int(),
  band: z.enum(BANDS),
  arrestedAt: instant.nullable(),
  magistratedAt: instant.nullable(),
  firstSeenAt: instant,
  lastSeenAt: instant,
  withdrawnAt: instant.nullable(),
  topOffense: z.string().nullable(),
  topClass: z.enum(OFFENSE_CLASSES),
  chargeCount: z.int(),
  bail: z.strictObject({
    /** Sum of the amounts shown, in cents: a sum of bonds, not one bond. Null when no charge shows an amount. */
    totalCents: z.int().nullable(),
    /** Charges that show an amount. */
    bonds: z.int(),
    /** The kind of bail, when all charges share one. */
    type: z.enum(BAIL_TYPES).nullable(),
    deniedCount: z.int(),
    notSetCount: z.int(),
    blankCount: z.int(),
    /** The total before the last change of bail, when it moved. */
    previousTotalCents: z.int().nullable(),
    changedAt: instant.nullable(),
  }),
  contact: z.enum(CONTACT_STATES),
  /** First seen since the caller's last visit; false for keys. */
  isNew: z.boolean(),
});
export type LeadDto = z.infer<typeof LeadDto>;

/** The reply of `GET /api/leads`. A null `nextCursor` is the end. */
export const LeadPage = z.strictObject({ leads: z.array(LeadDto), nextCursor: z.string().nullable() });
export type LeadPage = z.infer<typeof LeadPage>;

/** Counts for the tally; `capped` says that there are more than were counted. */
export const LeadCounts = z.strictObject({
  total: z.int(),
  hot: z.int(),
  warm: z.int(),
  cool: z.int(),
  capped: z.boolean(),
});
export type LeadCounts = z.infer<typeof LeadCounts>;

/** One charge as the form shows it now, in the form's order (`ordinal`). */
export const ChargeDto = z.strictObject({
  ordinal: z.int(),
  offense: z.string(),
  level: z.string().nullable(),
  class: z.enum(OFFENSE_CLASSES),
  bailType: z.enum(BAIL_TYPES),
  /** The words on the form, when they say more than the kind. */
  bailTypePrinted: z.string().nullable(),
  bailCents: z.int().nullable(),
  causeNumber: z.string().nullable(),
});
export type ChargeDto = z.infer<typeof ChargeDto>;

/** The kinds of contact that can be held and checked. */
export const CONTACT_KINDS = ["phone", "email"] as const;

/** Why the firm may hold a contact: shown to people, kept for the auditor. */
export const LAWFUL_BASES = {
  person_contacted_firm: "The person contacted the firm",
  family_contacted_firm: "Family contacted the firm",
  prior_client: "Earlier client of the firm",
  court_record: "Public court record",
  referral: "Referral from another attorney",
} as const;
export type LawfulBasis = keyof typeof LAWFUL_BASES;
const lawfulBasis = z.enum(Object.keys(LAWFUL_BASES) as [LawfulBasis, ...LawfulBasis[]]);

/** How a check stands: under way, answered, no such value, not to be asked again, or given up for now. */
export const ENRICHMENT_STATES = ["pending", "found", "not_found", "refused", "failed"] as const;

/** One check of one contact by one provider. */
export const EnrichmentDto = z.strictObject({
  id: z.string(),
  contactId: z.string(),
  provider: z.string(),
  state: z.enum(ENRICHMENT_STATES),
  /** The provider's answer, normalised; see `docs/reference`. */
  result: z.record(z.string(), z.unknown()).nullable(),
  /** One plain sentence: `Mobile, T-Mobile. Valid.` */
  words: z.string(),
  requestedAt: instant,
  checkedAt: instant.nullable(),
  expiresAt: instant.nullable(),
  attempts: z.int(),
  nextAttemptAt: instant.nullable(),
  problem: z.string().nullable(),
});
export type EnrichmentDto = z.infer<typeof EnrichmentDto>;

/** A contact of a lead in the clear, with its newest check. */
export const ContactDto = z.strictObject({
  id: z.string(),
  kind: z.enum(CONTACT_KINDS),
  /** E.164 phone or lower-case e-mail. */
  value: z.string(),
  origin: z.enum(["source", "firm"]),
  givenBy: z.string().nullable(),
  basis: lawfulBasis.nullable(),
  addedAt: instant,
  enrichment: EnrichmentDto.nullable(),
});
export type ContactDto = z.infer<typeof ContactDto>;

/** One line of a lead's history; `type` and `data` are listed in docs/reference/events.md. */
export const EventDto = z.strictObject({
  id: z.string(),
  type: z.string(),
  occurredAt: instant,
  actor: z.strictObject({ type: z.string(), name: z.string() }),
  data: z.record(z.string(), z.unknown()),
});
export type EventDto = z.infer<typeof EventDto>;

/** One line of "why the score is N": `points` of `max`. */
export const ScoreReason = z.strictObject({
  rule: z.string(),
  label: z.string(),
  detail: z.string(),
  points: z.int(),
  max: z.int(),
});
export type ScoreReason = z.infer<typeof ScoreReason>;

/** One cell of the bail movement tape: what an observation showed for one charge. Null = not on the form then. */
export const TapeCell = z
  .strictObject({ bailType: z.enum(BAIL_TYPES), bailCents: z.int().nullable(), changed: z.boolean() })
  .nullable();
export type TapeCell = z.infer<typeof TapeCell>;

/** How bail moved: one column per look that changed something, one row per charge. */
export const BailTape = z.strictObject({
  /** Observations that changed something, oldest first; `number` counts every kept observation of the form. */
  columns: z.array(z.strictObject({ number: z.int(), observedAt: instant, sinceLastVisit: z.boolean() })),
  rows: z.array(z.strictObject({ offense: z.string(), cells: z.array(TapeCell) })),
});
export type BailTape = z.infer<typeof BailTape>;

/** Everything the lead page shows. */
export const LeadDetail = z.strictObject({
  lead: LeadDto.extend({
    magistrate: z.string().nullable(),
    custodyStatus: z.string().nullable(),
    labels: z.array(z.string()),
    scoreReasons: z.array(ScoreReason),
    scoreChangesAt: instant.nullable(),
    seenCount: z.int(),
  }),
  charges: z.array(ChargeDto),
  contacts: z.array(ContactDto),
  enrichments: z.array(EnrichmentDto),
  events: z.array(EventDto),
  tape: BailTape,
});
export type LeadDetail = z.infer<typeof LeadDetail>;

/** The body of `POST /api/leads/status`. */
export const ChangeLeadStatus = z.strictObject({
  leadId: z.uuid("must be a lead id"),
  to: z.enum(LEAD_STATUSES),
  reason: text(500).optional(),
  note: text(4000).optional(),
  /** The version the caller saw; a newer one answers 409. */
  expectedVersion: z.int().min(1).optional(),
});
export type ChangeLeadStatus = z.infer<typeof ChangeLeadStatus>;

/** The body of `POST /api/leads/enrich/contact`. */
export const EnrichLeads = z.strictObject({
  leadIds: z.array(z.uuid("must be a lead id")).min(1).max(1000),
});
export type EnrichLeads = z.infer<typeof EnrichLeads>;

/** The reply of `POST /api/leads/enrich/contact`. */
export const EnrichReport = z.strictObject({
  /** One row per lead asked for: how many look-ups were queued, how many fresh results were reused. */
  leads: z.array(
    z.strictObject({
      leadId: z.string(),
      queued: z.int(),
      reused: z.int(),
      outcome: z.enum(["queued", "fresh", "no_contact", "not_found"]),
    }),
  ),
  queued: z.int(),
});
export type EnrichReport = z.infer<typeof EnrichReport>;

/** The body of `POST /api/leads/{id}/contacts`. */
export const AddContact = z.strictObject({
  kind: z.enum(CONTACT_KINDS),
  value: text(254),
  givenBy: text(200),
  basis: lawfulBasis,
  /** Ask for a look-up at once. */
  check: z.boolean().default(true),
});
export type AddContact = z.infer<typeof AddContact>;

/** The body of `PATCH /api/leads/{id}/contacts/{contactId}`. */
export const CorrectContact = AddContact.omit({ kind: true }).partial({ givenBy: true, basis: true });
export type CorrectContact = z.infer<typeof CorrectContact>;
