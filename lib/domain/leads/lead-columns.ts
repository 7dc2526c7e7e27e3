import { type BandThresholds, bandOf } from "@/lib/core/band";
import { fold } from "@/lib/core/text";
import { chargeFactsOf } from "./charge-facts";
import type { KnownLead } from "./known-leads";
import { nextObserveAt } from "./observe-schedule";
import { scoreLead } from "./score";
import type { SourceLead } from "./source-lead";

/** Sorts before every real arrest: dates before 1900 are refused. */
const UNKNOWN_ARREST = "1900-01-01T00:00:00.000Z";

/** The moment of a batch: when it arrived, when the source was looked at, and the firm's thresholds then. */
export type WriteAt = { now: Date; observedAt: Date; thresholds: BandThresholds };

/**
 * The source-owned, derived and score columns of a lead, under their names in the table. `known` is what the firm held before, for the bail that
 * was. Firm-owned columns are not here, so ingest cannot touch them but for `reopenLeads`.
 */
export function leadColumns(
  id: string,
  lead: SourceLead,
  contentHash: string,
  known: KnownLead | undefined,
  at: WriteAt,
) {
  const facts = chargeFactsOf(lead.charges);
  const { score, reasons, changesAt } = scoreLead(
    {
      charges: lead.charges,
      topClass: facts.topClass,
      bailTotalCents: facts.bailTotalCents,
      bailDenied: facts.bailDenied,
      arrestedAt: lead.arrestedAt ? new Date(lead.arrestedAt) : null,
      magistratedAt: lead.magistratedAt ? new Date(lead.magistratedAt) : null,
    },
    at.now,
  );
  const bailMoved = known !== undefined && known.bailTotalCents !== facts.bailTotalCents;
  return {
    id,
    source_id: lead.sourceId,
    source_url: lead.sourceUrl,
    name: lead.name,
    first_name: lead.firstName,
    middle_name: lead.middleName,
    last_name: lead.lastName,
    suffix: lead.suffix,
    date_of_birth: lead.dateOfBirth,
    county: lead.county,
    arrested_at: lead.arrestedAt,
    magistrated_at: lead.magistratedAt,
    magistrate: lead.magistrate,
    custody_status: lead.custodyStatus,
    labels: lead.labels,
    content_hash: contentHash,
    next_observe_at: nextObserveAt(at.observedAt, 0).toISOString(),
    charge_count: facts.chargeCount,
    top_offense: facts.topOffense,
    top_class: facts.topClass,
    offenses: facts.offenses,
    cause_numbers: facts.causeNumbers,
    bail_total_cents: facts.bailTotalCents,
    bail_bonds: facts.bailBonds,
    bail_type: facts.bailType,
    bail_denied: facts.bailDenied,
    bail_not_set: facts.bailNotSet,
    bail_blank: facts.bailBlank,
    bail_previous_cents: bailMoved ? known.bailTotalCents : (known?.bailPreviousCents ?? null),
    bail_changed_at: bailMoved ? at.observedAt.toISOString() : (known?.bailChangedAt?.toISOString() ?? null),
    search_text: fold(`${lead.name} ${facts.causeNumbers} ${facts.offenses}`),
    sort_arrested_at: lead.arrestedAt ?? UNKNOWN_ARREST,
    sort_bail_cents: facts.bailTotalCents ?? -1,
    score,
    band: bandOf(score, at.thresholds),
    score_reasons: reasons,
    score_changes_at: changesAt?.toISOString() ?? null,
  };
}
export type LeadColumns = ReturnType<typeof leadColumns>;

/** The charges of a lead under their column names. */
export const chargeColumns = (leadId: string, lead: SourceLead) =>
  lead.charges.map((charge, i) => ({
    lead_id: leadId,
    ordinal: i + 1,
    offense: charge.offense,
    level: charge.level,
    class: charge.class,
    bail_type: charge.bailType,
    bail_type_printed: charge.bailTypePrinted,
    bail_cents: charge.bailCents,
    cause_number: charge.causeNumber,
  }));
export type ChargeColumns = ReturnType<typeof chargeColumns>[number];
