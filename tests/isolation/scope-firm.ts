import type { County } from "@/lib/core/county";
import { newId } from "@/lib/core/ids";
import type { OffenseClass } from "@/lib/core/offense";
import { ROLES } from "@/lib/core/role";
import { recordIntervals } from "@/lib/domain/bookings/record-intervals";
import type { LeadScope } from "@/lib/domain/context/ctx";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { keepFile, pdf } from "../leads/evidence-world";
import { asOwner, type TestFirm } from "../setup/firms";

/** Leads and everything that hangs on one. A table that is missing here fails scope-policies.db.test.ts. */
export const SCOPED_TABLES = [
  "lead",
  "charge",
  "observation",
  "contact_point",
  "enrichment",
  "lead_note",
  "event",
  "consultation",
  "attendance_interval",
  "sync_link",
  "reminder",
  "lead_alert",
  "lead_import_lead",
  "evidence_file",
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
export type PlacedLead = {
  id: string;
  contactId: string;
  consultationId: string;
  evidenceId: string;
  county: County;
  topClass: OffenseClass;
  canary: string;
};

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
    const consultationId = await placeConsultation(firm, id, canary);
    const { id: evidenceId } = await keepFile(firm.asUser(), id, pdf(canary), `${canary}.pdf`);
    leads.push({ ...place, id, contactId, consultationId, evidenceId, canary });
  }
  await enrichLeads(firm.asUser(), { leadIds: leads.map(({ id }) => id) });
  await hangOn(firm, leads);
  return leads;
}

/**
 * Gives a lead a consultation, and leaves its status: booking one would move it. All are at one hour: each overlaps with every other, of which a limited member
 * must see no sign.
 */
export async function placeConsultation(firm: TestFirm, leadId: string, sign: string): Promise<string> {
  const id = newId();
  await asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO consultation (tenant_id, id, lead_id, origin, source_id, state, starts_at, ends_at, time_zone, kind, location, booked_at,
         content_hash, created_at, updated_at)
       SELECT $1::uuid, $2::uuid, $3::uuid, 'firm', $2::uuid::text, 'scheduled', at, at + interval '30 minutes', 'America/Chicago', $4::text, $4::text, now(), 'firm', now(), now()
       FROM (SELECT date_trunc('hour', now()) + interval '2 days' AS at) AS hour`,
      [firm.id, id, leadId, sign],
    ),
  );
  return id;
}

/** What services and schedules hang on a consultation: who was there, what stands for it elsewhere, a reminder of everybody's; and the import of its lead. */
async function hangOn(firm: TestFirm, leads: readonly PlacedLead[]): Promise<void> {
  const connectionId = newId();
  await asOwner(firm.id, async (client) => {
    await client.query(
      `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, connected_by, connected_at)
       VALUES ($1, $2, 'google', 'oauth', 'broken', 'a', 'a', $3, now())`,
      [firm.id, connectionId, firm.user.id],
    );
    const importId = newId();
    await client.query(
      `INSERT INTO lead_import (tenant_id, id, created_by, filename, state, created_at, expires_at) VALUES ($1, $2, $3, 'list.csv', 'done', now(), now())`,
      [firm.id, importId, firm.user.id],
    );
    for (const { id: leadId, consultationId } of leads) {
      await client.query("INSERT INTO lead_import_lead (tenant_id, import_id, lead_id) VALUES ($1, $2, $3)", [
        firm.id,
        importId,
        leadId,
      ]);
      await client.query(
        `INSERT INTO lead_alert (tenant_id, lead_id, user_id, channel, state, due_at, created_at)
         VALUES ($1, $2, $3, 'mail', 'waiting', now() + interval '1 day', now())`,
        [firm.id, leadId, firm.user.id],
      );
      await client.query(
        `INSERT INTO sync_link (tenant_id, id, connection_id, kind, consultation_id, lead_id, state, updated_at)
         VALUES ($1, gen_random_uuid(), $4, 'event', $2, $3, 'pending', now())`,
        [firm.id, consultationId, leadId, connectionId],
      );
    }
  });
  for (const { consultationId, canary } of leads) {
    const stay = {
      occurrence: "1",
      personKey: canary,
      name: canary,
      isHost: false,
      joinedAt: new Date(),
      leftAt: null,
    };
    await recordIntervals(firm.asService(), consultationId, [stay]);
  }
  await remindOf(firm, firm.user.id, leads);
}

/** Gives a user a reminder of each consultation. */
export const remindOf = (firm: TestFirm, userId: string, leads: readonly PlacedLead[]): Promise<unknown> =>
  asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO reminder (tenant_id, consultation_id, user_id, lead_id, starts_at, created_at)
       SELECT tenant_id, id, $2, lead_id, starts_at, now() FROM consultation WHERE tenant_id = $1 AND id = ANY ($3::uuid[])`,
      [firm.id, userId, leads.map(({ consultationId }) => consultationId)],
    ),
  );

/** The canaries of leads outside the scope that a text holds, in whatever case. */
export const strangersIn = (text: string, scope: LeadScope, leads: readonly PlacedLead[]): string[] =>
  leads
    .filter((lead) => !isInside(scope, lead))
    .filter(({ id, contactId, consultationId, evidenceId, canary }) =>
      [id, contactId, consultationId, evidenceId, canary].some((sign) =>
        text.toLowerCase().includes(sign.toLowerCase()),
      ),
    )
    .map(({ canary }) => canary);
