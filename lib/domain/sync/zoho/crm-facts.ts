import type { CrmFact } from "@/lib/contracts/connections";
import { type County, countyTimeZone } from "@/lib/core/county";
import { firmOrigin } from "@/lib/core/host";
import type { LeadStatus } from "@/lib/core/lead-status";
import { localDate } from "@/lib/core/local-time";
import { decryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import type { Ctx } from "../../context/ctx";
import { contactPlace } from "../../leads/contacts";
import { type CrmSnapshot, type CrmValue, digestOf, statusWord } from "./crm-values";

type HeldContact = { kind: "phone" | "email"; value: string; origin: "source" | "firm"; changedAt: Date };

/** A lead with what a CRM may be told of it. */
export type CrmLead = {
  id: string;
  name: string;
  firstName: string | null;
  lastName: string | null;
  county: County;
  status: LeadStatus;
  statusAt: Date | null;
  topOffense: string | null;
  bailTotalCents: bigint | null;
  arrestedAt: Date | null;
  causeNumbers: string;
  nextConsultation: Date | null;
  hasConsultation: boolean;
  slug: string;
  contacts: HeldContact[];
};

/** The statuses of people who answered. Whoever never did does not get into a CRM by us. */
const ANSWERED: readonly LeadStatus[] = ["responded", "consultation", "retained"];

/** True for a lead whose person answered or booked. */
export const hasAnswered = ({ status, hasConsultation }: Pick<CrmLead, "status" | "hasConsultation">): boolean =>
  hasConsultation || ANSWERED.includes(status);

/** Leads with their contacts in the clear, by id; those that are gone are absent. Two statements. */
export async function loadCrmLeads(tx: Tx, ctx: Ctx, leadIds: readonly string[]): Promise<Map<string, CrmLead>> {
  const { tenantId } = ctx;
  const ids = [...leadIds];
  const rows = await tx.$queryRaw<Omit<CrmLead, "contacts">[]>(Prisma.sql`
    SELECT l.id, l.name, l.first_name AS "firstName", l.last_name AS "lastName", l.county, l.status, l.top_offense AS "topOffense",
      l.bail_total_cents AS "bailTotalCents", l.arrested_at AS "arrestedAt", l.cause_numbers AS "causeNumbers", t.slug,
      (SELECT max(occurred_at) FROM event e WHERE e.tenant_id = l.tenant_id AND e.lead_id = l.id AND e.type = 'lead.status_changed') AS "statusAt",
      (SELECT min(starts_at) FROM consultation c WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id AND c.state = 'scheduled'
        AND c.starts_at > ${ctx.clock.now()}) AS "nextConsultation",
      EXISTS (SELECT FROM consultation c WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id) AS "hasConsultation"
    FROM lead l JOIN tenant t ON t.id = l.tenant_id
    WHERE l.tenant_id = ${tenantId}::uuid AND l.id = ANY(${ids}::uuid[])`);
  const contacts = await tx.contactPoint.findMany({
    where: { tenantId, leadId: { in: ids } },
    orderBy: [{ updatedAt: "asc" }, { id: "asc" }],
    select: { id: true, leadId: true, kind: true, origin: true, valueCipher: true, updatedAt: true },
  });
  const leads = new Map(rows.map((row): [string, CrmLead] => [row.id, { ...row, contacts: [] }]));
  for (const { id, leadId, kind, origin, valueCipher, updatedAt } of contacts) {
    leads.get(leadId)?.contacts.push({
      kind: kind as HeldContact["kind"],
      value: decryptField(valueCipher, contactPlace(tenantId, id)),
      origin: origin as HeldContact["origin"],
      changedAt: updatedAt,
    });
  }
  return leads;
}

/**
 * The contact of a kind that stands for the lead: what the firm was given last, else what the source posted first. One that both sides agreed on stays until
 * the firm is given a newer one.
 */
export function mainContact(
  lead: Pick<CrmLead, "contacts">,
  kind: HeldContact["kind"],
  snapshot: CrmSnapshot,
  tenantId: string,
): HeldContact | null {
  const held = lead.contacts.filter((contact) => contact.kind === kind);
  const newest = held.findLast(({ origin }) => origin === "firm") ?? held[0] ?? null;
  const base = snapshot[kind];
  const agreed = base?.pushed ? held.find(({ value }) => digestOf(tenantId, kind, value) === base.pushed) : undefined;
  return agreed && base && newest && newest.changedAt.getTime() <= Date.parse(base.at) ? agreed : newest;
}

/** What a lead says of one fact, as it goes over the wire. `undefined`: nothing that this CRM could take. `options`: the pick list of the field. */
export function factOf(
  fact: CrmFact,
  lead: CrmLead,
  { options, snapshot, tenantId }: { options: readonly string[]; snapshot: CrmSnapshot; tenantId: string },
): CrmValue | undefined {
  switch (fact) {
    case "lastName":
      // The one thing that Zoho must have: a name that could not be taken apart goes there whole.
      return lead.lastName ?? lead.name;
    case "firstName":
      return lead.firstName;
    case "phone":
    case "email":
      return mainContact(lead, fact, snapshot, tenantId)?.value ?? null;
    case "status":
      return statusWord(lead.status, options) ?? undefined;
    case "county":
      return lead.county;
    case "offense":
      return lead.topOffense;
    case "bailTotal":
      return lead.bailTotalCents === null ? null : Number(lead.bailTotalCents) / 100;
    case "arrestedOn":
      return lead.arrestedAt && localDate(lead.arrestedAt, countyTimeZone(lead.county));
    case "causeNumbers":
      return lead.causeNumbers || null;
    case "nextConsultation":
      return lead.nextConsultation && `${lead.nextConsultation.toISOString().slice(0, 19)}+00:00`;
    case "leadUrl":
      return `${firmOrigin(lead.slug, env().APP_BASE_URL)}/leads/${lead.id}`;
  }
}

/** When a fact that is pulled last changed here; null when nobody knows. */
export function changedAt(fact: CrmFact, lead: CrmLead, snapshot: CrmSnapshot, tenantId: string): Date | null {
  if (fact === "status") return lead.statusAt;
  if (fact === "phone" || fact === "email") return mainContact(lead, fact, snapshot, tenantId)?.changedAt ?? null;
  return null;
}
