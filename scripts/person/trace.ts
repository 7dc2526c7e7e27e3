import type pg from "pg";
import { z } from "zod";
import { fold } from "@/lib/core/text";
import { contactPlace } from "@/lib/domain/leads/contacts";
import { IMPORT_SOURCE } from "@/lib/domain/leads/imports/import-row";
import { type LeadFacts, likenessOf } from "@/lib/domain/leads/imports/row-id";
import { decryptField } from "@/lib/platform/crypto";
import { FACT_COLUMNS, type FactRow, factsOf } from "./lead-facts";

/** A record of a source, by which a lead is found again. */
export type SourceRecord = { source: string; sourceId: string };

const Facts = z.object({
  name: z.string(),
  firstName: z.string().nullish(),
  middleName: z.string().nullish(),
  lastName: z.string().nullish(),
  suffix: z.string().nullish(),
  dateOfBirth: z.string().nullish(),
  county: z.string(),
  arrestedAt: z.string().nullish(),
  charges: z.array(z.object({ causeNumber: z.string().nullish() })),
}) satisfies z.ZodType<LeadFacts>;

/** What is known of a lead before it goes: by what it and its person can be recognised wherever they may stand. */
export type Trace = SourceRecord & {
  leadId: string;
  firstSeenAt: Date;
  /** As shown now and as shown before: the same person in a list has an id made from these. */
  facts: LeadFacts[];
  /** Bookings of the person at a booking service. */
  bookings: SourceRecord[];
  /** Ids of rows that go, which jobs and reports name. */
  ids: Set<string>;
  /** Whether a text has one of the ids, a contact, a name or an id elsewhere in it, as a word of its own. */
  mentions: (text: string) => boolean;
};

type LeadRow = FactRow & SourceRecord & { firstSeenAt: Date };

/** Reads all of it. Consistent only for a caller that holds the lead's row. Null when there is none. */
export async function readTrace(client: pg.Client, tenantId: string, leadId: string): Promise<Trace | null> {
  const read = async <T extends pg.QueryResultRow>(sql: string): Promise<T[]> =>
    (await client.query<T>(sql, [tenantId, leadId])).rows;
  const [lead] = await read<LeadRow>(
    `SELECT source, source_id AS "sourceId", first_seen_at AS "firstSeenAt", ${FACT_COLUMNS}
     FROM lead WHERE tenant_id = $1 AND id = $2`,
  );
  if (!lead) return null;
  const { source, sourceId, firstSeenAt, ...row } = lead;
  const seen = await read<{ payload: unknown }>(
    "SELECT payload FROM observation WHERE tenant_id = $1 AND lead_id = $2",
  );
  const bookings = await read<SourceRecord & { id: string }>(
    'SELECT id, origin AS source, source_id AS "sourceId" FROM consultation WHERE tenant_id = $1 AND lead_id = $2',
  );
  const contacts = await read<{ id: string; value: string }>(
    "SELECT id, value_cipher AS value FROM contact_point WHERE tenant_id = $1 AND lead_id = $2",
  );
  const links = await read<{ id: string; externalId: string | null }>(
    `SELECT id, external_id AS "externalId" FROM sync_link WHERE tenant_id = $1
       AND (lead_id = $2 OR consultation_id IN (SELECT id FROM consultation WHERE tenant_id = $1 AND lead_id = $2))`,
  );
  const others = await read<{ id: string }>(
    ["enrichment", "lead_note", "evidence_file"]
      .map((table) => `SELECT id FROM ${table} WHERE tenant_id = $1 AND lead_id = $2`)
      .join(" UNION ALL "),
  );
  const before = seen.map(({ payload }) => Facts.safeParse(payload)).flatMap(({ data }) => (data ? [data] : []));
  const facts = [factsOf(row), ...before];
  const ids = new Set([leadId, ...[...bookings, ...contacts, ...links, ...others].map(({ id }) => id)]);
  const booked = bookings.filter(({ source }) => source !== "firm");
  return {
    leadId,
    source,
    sourceId,
    firstSeenAt,
    facts,
    bookings: booked.map(({ source, sourceId }) => ({ source, sourceId })),
    ids,
    mentions: finder([
      ...ids,
      sourceId,
      ...booked.map(({ sourceId }) => sourceId),
      ...links.flatMap(({ externalId }) => externalId ?? []),
      ...contacts.map(({ id, value }) => decryptField(value, contactPlace(tenantId, id))),
      ...facts.map(({ lastName, name }) => lastName || name),
    ]),
  };
}

/** A last name alone is enough: rather a reply of a namesake too many than one of the person left. */
function finder(words: readonly string[]): (text: string) => boolean {
  const known = [...new Set(words.map(fold))].filter((word) => word.length > 1);
  const pattern = known.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const search = new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, "u");
  return (text) => search.test(fold(text));
}

/**
 * Every record of a source that must not come back to a firm: the lead's own, bookings of the person, and what a row of a list would be called that says the same of
 * them, or less. A firm's ids of rows are its own: they are made with its key.
 */
export function recordsFor(tenantId: string, { source, sourceId, facts, bookings }: Trace): SourceRecord[] {
  const rows = facts.flatMap((each) => variants(each)).flatMap((each) => likenessOf(tenantId, each) ?? []);
  return [
    { source, sourceId },
    ...bookings,
    ...[...new Set(rows)].map((rowId) => ({ source: IMPORT_SOURCE, sourceId: rowId })),
  ];
}

/** The facts as lists tell them: with and without birth date, day of arrest, middle name and suffix; with all cause numbers, one of them, or none. */
function variants(facts: LeadFacts): LeadFacts[] {
  const some = <T>(value: T | null | undefined): (T | null)[] => (value ? [value, null] : [null]);
  const causes = facts.charges.flatMap(({ causeNumber }) => causeNumber ?? []);
  return some(facts.dateOfBirth).flatMap((dateOfBirth) =>
    some(facts.arrestedAt).flatMap((arrestedAt) =>
      some(facts.middleName).flatMap((middleName) =>
        some(facts.suffix).flatMap((suffix) =>
          [causes, ...causes.map((cause) => [cause]), []].map((numbers) => ({
            ...facts,
            dateOfBirth,
            arrestedAt,
            middleName,
            suffix,
            charges: numbers.map((causeNumber) => ({ causeNumber })),
          })),
        ),
      ),
    ),
  );
}
