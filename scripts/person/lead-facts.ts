import type { LeadFacts } from "@/lib/domain/leads/imports/row-id";

/** What of a row of `lead` says whom it is about, for a SELECT from that table under its own name. */
export const FACT_COLUMNS = `name, first_name AS "firstName", middle_name AS "middleName", last_name AS "lastName", suffix, date_of_birth::text AS "dateOfBirth", county,
  to_char(arrested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "arrestedAt",
  ARRAY(SELECT cause_number FROM charge WHERE charge.tenant_id = lead.tenant_id AND charge.lead_id = lead.id) AS causes`;

/** A row of these. */
export type FactRow = Omit<LeadFacts, "charges"> & { causes: (string | null)[] };

/** The same as a lead says it. */
export const factsOf = ({ causes, ...facts }: FactRow): LeadFacts => ({
  ...facts,
  charges: causes.map((causeNumber) => ({ causeNumber })),
});
