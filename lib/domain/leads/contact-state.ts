import type { CONTACT_KINDS, ContactState } from "@/lib/contracts/leads";
import type { EmailCheck, PhoneCheck } from "@/lib/contracts/providers";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** One contact of a lead with what its checks say: `result` is the last answer of a provider, `latest` how the last check stands. */
export type ContactFacts = {
  kind: (typeof CONTACT_KINDS)[number];
  latest: string | null;
  known: string | null;
  result: unknown;
};

/**
 * The one word of a lead with several contacts, best first. A contact that is known to work says most; then what is still being found
 * out; then what is doubtful, what a person can still do something about, and last what is known not to work.
 */
const PRECEDENCE: readonly ContactState[] = [
  "mobile_valid",
  "landline_valid",
  "voip_valid",
  "phone_valid",
  "email_deliverable",
  "checking",
  "email_risky",
  "email_unknown",
  "failed",
  "unchecked",
  "phone_invalid",
  "email_undeliverable",
  "none",
];

const LINE_STATES: Record<string, ContactState> = {
  mobile: "mobile_valid",
  landline: "landline_valid",
  fixedVoip: "voip_valid",
  nonFixedVoip: "voip_valid",
};

/** What is known of one contact. An earlier answer outweighs a later check that is under way or failed. */
function stateOfContact({ kind, latest, known, result }: ContactFacts): ContactState {
  if (known === "not_found") return kind === "phone" ? "phone_invalid" : "email_undeliverable";
  if (result !== null && kind === "phone") {
    const { valid, lineType } = result as PhoneCheck;
    return valid ? (LINE_STATES[lineType ?? ""] ?? "phone_valid") : "phone_invalid";
  }
  if (result !== null) return `email_${(result as EmailCheck).verdict}`;
  if (latest === null) return "unchecked";
  return latest === "pending" ? "checking" : "failed";
}

/** The contact state of a lead from all its contacts. */
export function contactStateOf(contacts: readonly ContactFacts[]): ContactState {
  const states = new Set(contacts.map(stateOfContact));
  return PRECEDENCE.find((state) => states.has(state)) ?? "none";
}

/**
 * Locks leads in the order of their ids, so that two transactions that touch the same leads wait for each other instead of colliding. Taken before
 * the rows that belong to the leads.
 */
export async function lockLeads(tx: Tx, { tenantId }: Ctx, leadIds: readonly string[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    SELECT 1 FROM lead WHERE tenant_id = ${tenantId}::uuid AND id = ANY(${leadIds}::uuid[]) ORDER BY id FOR NO KEY UPDATE`);
}

/** Brings `lead.contact_state` up to date for these leads: three statements whatever their number; rows that stay the same are not written. */
export async function refreshContactStates(tx: Tx, ctx: Ctx, leadIds: readonly string[]): Promise<void> {
  if (leadIds.length === 0) return;
  await lockLeads(tx, ctx, leadIds);
  const rows = await tx.$queryRaw<{ id: string; contact_state: ContactState; contacts: ContactFacts[] }[]>(Prisma.sql`
    SELECT l.id, l.contact_state, coalesce(c.contacts, '[]') AS contacts
    FROM lead l LEFT JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('kind', c.kind, 'latest', last.state, 'known', seen.state, 'result', seen.result)) AS contacts
      FROM contact_point c
      LEFT JOIN LATERAL (SELECT e.state FROM enrichment e
        WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id ORDER BY e.requested_at DESC, e.id DESC LIMIT 1) last ON true
      LEFT JOIN LATERAL (SELECT e.state, e.result FROM enrichment e
        WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id AND (e.state IN ('found', 'not_found') OR e.result IS NOT NULL)
        ORDER BY e.requested_at DESC, e.id DESC LIMIT 1) seen ON true
      WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id) c ON true
    WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.id = ANY(${leadIds}::uuid[])`);
  const changed = rows
    .map((row) => ({ id: row.id, before: row.contact_state, state: contactStateOf(row.contacts) }))
    .filter(({ before, state }) => before !== state);
  if (changed.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE lead l SET contact_state = r.state
    FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS r(id uuid, state text)
    WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.id = r.id`);
}
