import type { ContactDto, EnrichmentDto } from "@/lib/contracts/leads";
import { countyTimeZone, type LeadCounty } from "@/lib/core/county";
import { newId } from "@/lib/core/ids";
import { blindIndex, decryptField, encryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import type { AnyEvent } from "../events/catalog";
import { recordEvents } from "../events/record-events";
import { answerWords, failureWords, problemWords } from "./enrichment-words";

/** `phone` or `email`. */
export type ContactKind = ContactDto["kind"];
/** How a check stands: see `ENRICHMENT_STATES`. */
export type EnrichmentState = EnrichmentDto["state"];

/** A row of `enrichment` as SQL gives it. */
export type EnrichmentRow = {
  id: string;
  contact_id: string;
  provider: string;
  state: EnrichmentState;
  result: Record<string, unknown> | null;
  problem: string | null;
  attempts: number;
  requested_at: Date;
  next_attempt_at: Date | null;
  checked_at: Date | null;
  expires_at: Date | null;
};

/** A row of `contact_point` as SQL gives it. */
export type ContactRow = {
  id: string;
  kind: ContactKind;
  origin: "source" | "firm";
  value_cipher: string;
  value_index: string;
  given_by: string | null;
  basis: ContactDto["basis"];
  created_at: Date;
};

/** Where a contact's value is sealed. */
export const contactPlace = (tenantId: string, rowId: string) =>
  ({ tenantId, table: "contact_point", column: "value_cipher", rowId }) as const;

/** What equal contacts of one firm have in common: the same number on two leads has one index. */
export const contactIndex = (tenantId: string, kind: ContactKind, value: string): string =>
  blindIndex(value, { tenantId, purpose: `contact.${kind}` });

/** When and where words are read: the county's clock. */
export type Reading = { timeZone: string; now: Date };

const iso = (at: Date | null) => at?.toISOString() ?? null;

/** A check as the wire and the pages have it, with its sentence. */
export function toEnrichmentDto(row: EnrichmentRow, reading: Reading): EnrichmentDto {
  return {
    id: row.id,
    contactId: row.contact_id,
    provider: row.provider,
    state: row.state,
    result: row.result,
    words: wordsOf(row, reading),
    requestedAt: row.requested_at.toISOString(),
    checkedAt: iso(row.checked_at),
    expiresAt: iso(row.expires_at),
    attempts: row.attempts,
    nextAttemptAt: iso(row.next_attempt_at),
    problem: row.problem === null ? null : problemWords(row.provider, row.problem),
  };
}

function wordsOf(row: EnrichmentRow, reading: Reading): string {
  if (row.state === "found" || row.state === "not_found") return answerWords(row.provider, row.state, row.result);
  if (row.problem === null) return "Checking.";
  const { provider, problem, next_attempt_at: nextAttemptAt } = row;
  return failureWords({ provider, problem, nextAttemptAt }, reading);
}

/** A contact in the clear, with its latest check. */
export function toContactDto(
  ctx: Ctx,
  row: ContactRow,
  enrichment: EnrichmentRow | null,
  reading: Reading,
): ContactDto {
  return {
    id: row.id,
    kind: row.kind,
    value: decryptField(row.value_cipher, contactPlace(ctx.tenantId, row.id)),
    origin: row.origin,
    givenBy: row.given_by,
    basis: row.basis,
    addedAt: row.created_at.toISOString(),
    enrichment: enrichment && toEnrichmentDto(enrichment, reading),
  };
}

/** A lead's contacts in the clear, oldest first, each with its latest check. Another firm's lead has none. */
export async function listContacts(tx: Tx, ctx: Ctx, leadId: string): Promise<ContactDto[]> {
  const rows = await tx.$queryRaw<(ContactRow & { county: LeadCounty; enrichment: RawEnrichment | null })[]>(Prisma.sql`
    SELECT c.id, c.kind, c.origin, c.value_cipher, c.value_index, c.given_by, c.basis, c.created_at, l.county, to_jsonb(e) AS enrichment
    FROM contact_point c JOIN lead l ON l.tenant_id = c.tenant_id AND l.id = c.lead_id
    LEFT JOIN LATERAL (SELECT * FROM enrichment e WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id
      ORDER BY e.requested_at DESC, e.id DESC LIMIT 1) e ON true
    WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.lead_id = ${leadId}::uuid ORDER BY c.created_at, c.id`);
  return rows.map((row) => {
    const reading = { timeZone: countyTimeZone(row.county), now: ctx.clock.now() };
    return toContactDto(ctx, row, row.enrichment && fromJson(row.enrichment), reading);
  });
}

/** Every check of a lead's contacts, newest first. */
export async function listEnrichments(tx: Tx, ctx: Ctx, leadId: string): Promise<EnrichmentDto[]> {
  const rows = await tx.$queryRaw<(EnrichmentRow & { county: LeadCounty })[]>(Prisma.sql`
    SELECT e.*, l.county FROM enrichment e JOIN lead l ON l.tenant_id = e.tenant_id AND l.id = e.lead_id
    WHERE e.tenant_id = ${ctx.tenantId}::uuid AND e.lead_id = ${leadId}::uuid ORDER BY e.requested_at DESC, e.id DESC LIMIT 200`);
  return rows.map((row) => toEnrichmentDto(row, { timeZone: countyTimeZone(row.county), now: ctx.clock.now() }));
}

/** A row that came through to_jsonb has its instants as text. */
type RawEnrichment = {
  [K in keyof EnrichmentRow]: EnrichmentRow[K] extends Date | null ? string | null : EnrichmentRow[K];
};

function fromJson(row: RawEnrichment): EnrichmentRow {
  const date = (value: unknown) => (value === null ? null : new Date(String(value)));
  return {
    ...row,
    requested_at: new Date(String(row.requested_at)),
    next_attempt_at: date(row.next_attempt_at),
    checked_at: date(row.checked_at),
    expires_at: date(row.expires_at),
  };
}

/**
 * Keeps the contacts that a source posted with its leads; one that is there already, whoever gave it, is left as it is. Values must be normal
 * (`normalizePhone`, `normalizeEmail`). At most three statements; says which leads got a new one.
 */
export async function upsertSourceContacts(
  tx: Tx,
  ctx: Ctx,
  rows: readonly { leadId: string; kind: ContactKind; value: string }[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const indexed = rows.map((row) => ({ ...row, valueIndex: contactIndex(ctx.tenantId, row.kind, row.value) }));
  const leadIds = [...new Set(rows.map((row) => row.leadId))];
  const known = await tx.$queryRaw<{ lead_id: string; kind: string; value_index: string }[]>(Prisma.sql`
    SELECT lead_id, kind, value_index FROM contact_point
    WHERE tenant_id = ${ctx.tenantId}::uuid AND lead_id = ANY(${leadIds}::uuid[])`);
  const have = new Set(known.map((row) => `${row.lead_id} ${row.kind} ${row.value_index}`));
  // Sealing costs more than looking: only what is new is encrypted.
  const fresh = indexed
    .filter((row) => !have.has(`${row.leadId} ${row.kind} ${row.valueIndex}`))
    .map(({ leadId, kind, value, valueIndex }) => {
      const id = newId();
      const cipher = encryptField(value, contactPlace(ctx.tenantId, id));
      return { id, lead_id: leadId, kind, value_cipher: cipher, value_index: valueIndex };
    });
  if (fresh.length === 0) return new Set();
  const now = ctx.clock.now();
  const added = await tx.$queryRaw<{ id: string; lead_id: string; kind: ContactKind }[]>(Prisma.sql`
    INSERT INTO contact_point (tenant_id, id, lead_id, kind, origin, value_cipher, value_index, added_by_type, added_by_id, created_at, updated_at)
    SELECT ${ctx.tenantId}::uuid, r.id, r.lead_id, r.kind, 'source', r.value_cipher, r.value_index,
      ${ctx.actor.type}, ${ctx.actor.id}, ${now}, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(fresh)}::jsonb) AS r(id uuid, lead_id uuid, kind text, value_cipher text, value_index text)
    ON CONFLICT (tenant_id, lead_id, kind, value_index) DO NOTHING RETURNING id, lead_id, kind`);
  const events = added.map(
    (row): AnyEvent => ({
      type: "contact.added",
      leadId: row.lead_id,
      data: { contactId: row.id, kind: row.kind, origin: "source", basis: null },
    }),
  );
  await recordEvents(tx, ctx, events);
  return new Set(added.map((row) => row.lead_id));
}
