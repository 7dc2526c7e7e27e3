import type { County } from "@/lib/core/county";
import type { OffenseClass } from "@/lib/core/offense";
import { ROLES } from "@/lib/core/role";
import type { LeadScope } from "@/lib/domain/context/ctx";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import type { TestFirm } from "../setup/firms";

/** Leads and everything that hangs on one. A table that is missing here fails scope-policies.db.test.ts. */
export const SCOPED_TABLES = [
  "lead",
  "charge",
  "observation",
  "contact_point",
  "enrichment",
  "lead_note",
  "event",
] as const;

/** Each lead says its county and class in every text it has, so that a reply shows at a glance whose it was. */
const PLACES: readonly { county: County; topClass: OffenseClass }[] = [
  { county: "Travis", topClass: "F1" },
  { county: "Travis", topClass: "MA" },
  { county: "Hays", topClass: "F1" },
  { county: "Hays", topClass: "MA" },
  { county: "Loving", topClass: "MA" },
];

/** A lead of the firm, with a contact of its own, a check of it and a word about its status. */
export type PlacedLead = { id: string; contactId: string; county: County; topClass: OffenseClass; canary: string };

/** The members of these tests, by what limits them. */
export const SCOPES: Record<string, LeadScope> = {
  "one county": { counties: ["Travis"], classes: [] },
  "two counties": { counties: ["Travis", "Loving"], classes: [] },
  "one class": { counties: [], classes: ["F1"] },
  "a county and a class": { counties: ["Hays"], classes: ["MA"] },
};
export const MEMBER_ROLE = ROLES[3];

/** No word of one is part of another. */
const canaryOf = (county: County, topClass: OffenseClass) => `zebra${county}${topClass}finch`.toUpperCase();

/** True when a member of this scope may see the lead. */
export const isInside = ({ counties, classes }: LeadScope, { county, topClass }: PlacedLead): boolean =>
  (counties.length === 0 || counties.includes(county)) && (classes.length === 0 || classes.includes(topClass));

/** Gives the firm a lead in each of these places. */
export async function placeLeads(firm: TestFirm): Promise<PlacedLead[]> {
  const report = await ingestLeads(firm.asKey(), {
    source: "api",
    leads: PLACES.map(({ county, topClass }, i) => {
      const canary = canaryOf(county, topClass);
      const charge = {
        offense: `${canary} OFFENSE`,
        level: topClass,
        causeNumber: `${canary}-1`,
        bailCents: 100_000 + i,
      };
      return { sourceId: canary, name: { full: `${canary}, ROWAN` }, county, charges: [charge], labels: [canary] };
    }),
  });
  const leads: PlacedLead[] = [];
  for (const [i, place] of PLACES.entries()) {
    const id = report.results[i]?.leadId ?? "";
    const canary = canaryOf(place.county, place.topClass);
    const value = `${canary.toLowerCase()}@person.example`;
    const given = { kind: "email", value, givenBy: canary, basis: "referral", check: false } as const;
    const { id: contactId } = await addContact(firm.asUser(), id, given);
    await changeLeadStatus(firm.asUser(), { leadId: id, to: "reviewed", note: `${canary} said so` });
    leads.push({ ...place, id, contactId, canary });
  }
  await enrichLeads(firm.asUser(), { leadIds: leads.map(({ id }) => id) });
  return leads;
}

/** The canaries of leads outside the scope that a text holds, in whatever case. */
export const strangersIn = (text: string, scope: LeadScope, leads: readonly PlacedLead[]): string[] =>
  leads
    .filter((lead) => !isInside(scope, lead))
    .filter(({ id, contactId, canary }) =>
      [id, contactId, canary].some((sign) => text.toLowerCase().includes(sign.toLowerCase())),
    )
    .map(({ canary }) => canary);
