import type { ContactState, LeadDto } from "@/lib/contracts/leads";
import type { BailType } from "@/lib/core/bail";
import type { Band } from "@/lib/core/band";
import { countyTimeZone, type LeadCounty } from "@/lib/core/county";
import type { LeadStatus } from "@/lib/core/lead-status";
import type { OffenseClass } from "@/lib/core/offense";
import { Prisma } from "@/lib/platform/db";

/** The columns that a list row shows, for `SELECT`. */
export const LEAD_COLUMNS =
  Prisma.raw(`id, version, source, source_id, source_url, name, date_of_birth, county, status, score, band,
  arrested_at, magistrated_at, first_seen_at, last_seen_at, withdrawn_at, top_offense, top_class, charge_count, bail_total_cents, bail_bonds,
  bail_type, bail_denied, bail_not_set, bail_blank, bail_previous_cents, bail_changed_at, contact_state, sort_arrested_at, sort_bail_cents`);

/** A row of `LEAD_COLUMNS`. */
export type LeadRow = {
  id: string;
  version: number;
  source: string;
  source_id: string;
  source_url: string | null;
  name: string;
  date_of_birth: Date | null;
  county: LeadCounty;
  status: LeadStatus;
  score: number;
  band: Band;
  arrested_at: Date | null;
  magistrated_at: Date | null;
  first_seen_at: Date;
  last_seen_at: Date;
  withdrawn_at: Date | null;
  top_offense: string | null;
  top_class: OffenseClass;
  charge_count: number;
  bail_total_cents: bigint | null;
  bail_bonds: number;
  bail_type: BailType | null;
  bail_denied: number;
  bail_not_set: number;
  bail_blank: number;
  bail_previous_cents: bigint | null;
  bail_changed_at: Date | null;
  contact_state: ContactState;
  sort_arrested_at: Date;
  sort_bail_cents: bigint;
};

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
const cents = (value: bigint | null): number | null => (value === null ? null : Number(value));

/** A list row as it goes over the wire. `visitedAt` is the caller's last visit; null for callers that do not visit. */
export const toLeadDto = (row: LeadRow, visitedAt: Date | null): LeadDto => ({
  id: row.id,
  version: row.version,
  source: row.source,
  sourceId: row.source_id,
  sourceUrl: row.source_url,
  name: row.name,
  dateOfBirth: row.date_of_birth?.toISOString().slice(0, 10) ?? null,
  county: row.county,
  timeZone: countyTimeZone(row.county),
  status: row.status,
  score: row.score,
  band: row.band,
  arrestedAt: iso(row.arrested_at),
  magistratedAt: iso(row.magistrated_at),
  firstSeenAt: row.first_seen_at.toISOString(),
  lastSeenAt: row.last_seen_at.toISOString(),
  withdrawnAt: iso(row.withdrawn_at),
  topOffense: row.top_offense,
  topClass: row.top_class,
  chargeCount: row.charge_count,
  bail: {
    totalCents: cents(row.bail_total_cents),
    bonds: row.bail_bonds,
    type: row.bail_type,
    deniedCount: row.bail_denied,
    notSetCount: row.bail_not_set,
    blankCount: row.bail_blank,
    previousTotalCents: cents(row.bail_previous_cents),
    changedAt: iso(row.bail_changed_at),
  },
  contact: row.contact_state,
  isNew: visitedAt !== null && row.first_seen_at > visitedAt,
});
