import { type County, countyTimeZone } from "@/lib/core/county";
import { localDate } from "@/lib/core/local-time";
import { parsePersonName } from "@/lib/core/person-name";
import { fold } from "@/lib/core/text";
import { blindIndex } from "@/lib/platform/crypto";
import type { RowLead } from "./row-to-lead";

/**
 * The id of a row whose list has none: from county, name, birth date, day of arrest and cause numbers, so that the same file read twice finds its leads again.
 * A keyed digest: it gives nothing away of what it is made from. Null when nothing but a name would tell two people apart.
 */
export function rowIdOf(tenantId: string, lead: RowLead): string | null {
  const { first, middle, last, suffix } = "full" in lead.name ? parsePersonName(lead.name.full) : lead.name;
  const name = [last, first, middle, suffix].map((part) => fold(part ?? ""));
  const arrested = lead.arrestedAt ? localDate(new Date(lead.arrestedAt), countyTimeZone(lead.county)) : "";
  const causes = [...new Set(lead.charges.map(({ causeNumber }) => fold(causeNumber ?? "")))].filter(Boolean).sort();
  const born = lead.dateOfBirth ?? "";
  if (born === "" && arrested === "" && causes.length === 0) return null;
  const facts = JSON.stringify([lead.county, name, born, arrested, causes]);
  return `row-${blindIndex(facts, { tenantId, purpose: "import.row" })}`;
}

/** What a lead says of whom it is about, as it is stored. */
export type LeadFacts = {
  name: string;
  dateOfBirth?: string | null | undefined;
  arrestedAt?: string | null | undefined;
  firstName?: string | null | undefined;
  middleName?: string | null | undefined;
  lastName?: string | null | undefined;
  suffix?: string | null | undefined;
  county: string;
  charges: readonly { causeNumber?: string | null | undefined }[];
};

/**
 * The same id for any lead, whatever its source and whether or not that has an id of its own: what a row of a list would be called that says the same of the same
 * person. Null as above.
 */
export function likenessOf(tenantId: string, facts: LeadFacts): string | null {
  const { name, firstName, middleName, lastName, suffix, dateOfBirth, county, arrestedAt, charges } = facts;
  return rowIdOf(tenantId, {
    name: lastName
      ? {
          first: firstName ?? "",
          last: lastName,
          ...(middleName ? { middle: middleName } : {}),
          ...(suffix ? { suffix } : {}),
        }
      : { full: name },
    county: county as County,
    ...(dateOfBirth ? { dateOfBirth } : {}),
    ...(arrestedAt ? { arrestedAt } : {}),
    charges: charges.flatMap(({ causeNumber }) => (causeNumber ? [{ offense: "", causeNumber }] : [])),
  });
}
