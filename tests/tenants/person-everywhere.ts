import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { encryptField } from "@/lib/platform/crypto";
import { evidenceFilesOf, filesOf } from "@/lib/platform/file-store";
import { asOwner, type TestFirm } from "../setup/firms";

/** Somebody whose words stand in every place that can hold a person's. `canary` is their last name, in other cases too. */
export type Somebody = {
  canary: string;
  leadId: string;
  sourceId: string;
  source: string;
  files: string[];
  booking: string;
};

/** A number that nobody else of a test has. */
export const phoneOf = (sourceId: string): string =>
  `+151255${String(Number.parseInt(sha256(sourceId).slice(0, 8), 16) % 100_000).padStart(5, "0")}`;

/** A lead as its source posts it. */
export const formOf = ({ canary, sourceId }: Pick<Somebody, "canary" | "sourceId">) => ({
  sourceId,
  name: { first: "Quinn", middle: "Avery", last: canary },
  dateOfBirth: "1990-02-03",
  county: "Travis",
  arrestedAt: "2026-11-20T10:00:00Z",
  charges: [{ offense: "DWI", bailCents: 50_000, causeNumber: `C-${canary}` }],
  contacts: [{ kind: "phone" as const, value: phoneOf(sourceId) }],
});

/** Puts a person into a firm that has everything else: by the verbs where there are some, else as the owner. */
export async function addSomebody(firm: TestFirm, sourceId = `form-${newId()}`): Promise<Somebody> {
  const canary = `PERSON${newId().slice(-12).toUpperCase()}`;
  const source = "topics.travis";
  const report = await ingestLeads(firm.asKey(), { source, leads: [formOf({ canary, sourceId })] });
  const leadId = report.results[0]?.leadId ?? "";
  await addContact(firm.asUser(), leadId, {
    kind: "email",
    value: `${canary.toLowerCase()}@person.example`,
    givenBy: `${canary}'s sister`,
    basis: "referral",
    check: false,
  });
  await enrichLeads(firm.asUser(), { leadIds: [leadId] });
  await changeLeadStatus(firm.asUser(), { leadId, to: "dismissed", reason: `${canary} has counsel` });
  const ids = await addRows(firm, { canary, leadId });
  const files = await addFiles(firm, { canary, leadId }, ids);
  return { canary, leadId, sourceId, source, files, booking: ids.booking };
}

async function addRows({ id, user }: TestFirm, { canary, leadId }: { canary: string; leadId: string }) {
  const ids = {
    consultation: newId(),
    evidence: newId(),
    export: newId(),
    searched: newId(),
    import: newId(),
    mapped: newId(),
    delivery: newId(),
    stay: newId(),
    booking: String(Math.floor(Math.random() * 1e12)),
  };
  const seal = (table: string, column: string, rowId: string, text = `about ${canary}`) =>
    encryptField(text, { tenantId: id, table, column, rowId });
  const filter = (rowId: string, q?: string) =>
    seal(
      "file_export",
      "filter_cipher",
      rowId,
      JSON.stringify({ kind: "leads", filter: q ? { q } : {}, visitedAt: null }),
    );
  const google = "(SELECT id FROM connection WHERE tenant_id = $1 AND provider = 'google')";
  const rows: [sql: string, ...values: unknown[]][] = [
    [
      `INSERT INTO consultation (tenant_id, id, lead_id, origin, source_id, state, starts_at, ends_at, time_zone, kind, location, notes_cipher, booked_at,
         content_hash, created_at, updated_at)
       VALUES ($1, $2, $3, 'acuity', $4, 'scheduled', now(), now() + interval '1 hour', 'UTC', 'Consultation', $5, $6, now(), '', now(), now())`,
      ids.consultation,
      leadId,
      ids.booking,
      `at ${canary}'s`,
      seal("consultation", "notes_cipher", ids.consultation),
    ],
    ["INSERT INTO booking_look (tenant_id, origin, source_id) VALUES ($1, 'acuity', $2)", ids.booking],
    [
      `INSERT INTO attendance_interval (tenant_id, id, consultation_id, lead_id, occurrence, person_key, name_cipher, is_host, joined_at)
       VALUES ($1, $2, $3, $4, 'o', 'p', $5, false, now())`,
      ids.stay,
      ids.consultation,
      leadId,
      seal("attendance_interval", "name_cipher", ids.stay),
    ],
    [
      `INSERT INTO sync_link (tenant_id, id, connection_id, kind, lead_id, consultation_id, external_id, snapshot, state, updated_at)
       VALUES ($1, $2, ${google}, 'event', $3, $4, $5, $6, 'linked', now())`,
      newId(),
      leadId,
      ids.consultation,
      `event-${ids.booking}`,
      { summary: canary },
    ],
    [
      "INSERT INTO reminder (tenant_id, consultation_id, user_id, lead_id, starts_at, created_at) VALUES ($1, $2, $3, $4, now(), now())",
      ids.consultation,
      user.id,
      leadId,
    ],
    [
      `INSERT INTO vendor_lease (tenant_id, provider, enrichment_id, expires_at)
       SELECT $1, 'test', id, now() FROM enrichment WHERE tenant_id = $1 AND lead_id = $2 LIMIT 1`,
      leadId,
    ],
    [
      `INSERT INTO lead_alert (tenant_id, lead_id, user_id, channel, state, due_at, message_id, created_at, ended_at)
       VALUES ($1, $2, $3, 'mail', 'sent', now(), $4, now(), now())`,
      leadId,
      user.id,
      `<${canary}@mail>`,
    ],
    [
      `INSERT INTO evidence_file (tenant_id, id, lead_id, name_cipher, type, bytes, state, file_key, added_by_type, added_by, created_at, due_at)
       VALUES ($1, $2, $3, $4, 'application/pdf', 9, 'checking', $5, 'user', $6, now(), now())`,
      ids.evidence,
      leadId,
      seal("evidence_file", "name_cipher", ids.evidence),
      `evidence/${id}/${leadId}/${ids.evidence}`,
      user.id,
    ],
    [
      `INSERT INTO idempotency_key (tenant_id, caller, route, key, request_hash, status, body_cipher, created_at, expires_at)
       VALUES ($1, 'c', 'r', $2, 'h', 200, $3, now(), now() + interval '1 day')`,
      canary,
      seal("idempotency_key", "body_cipher", `c|r|${canary}`),
    ],
    [
      `INSERT INTO webhook_delivery (tenant_id, id, connection_id, provider, delivery_key, body_cipher, received_at)
       VALUES ($1, $2, ${google}, 'google', $3, $4, now())`,
      ids.delivery,
      ids.delivery,
      seal("webhook_delivery", "body_cipher", ids.delivery),
    ],
    [`UPDATE drift_report SET items = $2::jsonb WHERE tenant_id = $1`, JSON.stringify([{ leadId, name: canary }])],
    [
      `INSERT INTO file_export (tenant_id, id, kind, asked_by_type, asked_by, filter_cipher, about, state, filename, file_key, bytes, created_at, finished_at, expires_at)
       VALUES ($1, $2, 'leads', 'user', $3, $4, 'Everything', 'ready', 'leads.csv', $5, 9, now(), now(), now() + interval '1 day')`,
      ids.export,
      user.id,
      filter(ids.export),
      `exports/${id}/${ids.export}-run.csv`,
    ],
    [
      `INSERT INTO file_export (tenant_id, id, kind, asked_by_type, asked_by, filter_cipher, about, state, filename, created_at)
       VALUES ($1, $2, 'leads', 'user', $3, $4, 'With a search', 'waiting', 'leads.csv', now())`,
      ids.searched,
      user.id,
      filter(ids.searched, canary.toLowerCase()),
    ],
    [
      `INSERT INTO lead_import (tenant_id, id, created_by, filename, file_key, header, state, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'done', now(), now())`,
      ids.import,
      user.id,
      `${canary} and others.csv`,
      `imports/${id}/${ids.import}.csv`,
      JSON.stringify(["Name", canary]),
    ],
    ["INSERT INTO lead_import_lead (tenant_id, import_id, lead_id) VALUES ($1, $2, $3)", ids.import, leadId],
    [
      `INSERT INTO lead_import (tenant_id, id, created_by, filename, file_key, state, created_at, expires_at)
       VALUES ($1, $2, $3, 'list.csv', $4, 'mapping', now(), now())`,
      ids.mapped,
      user.id,
      `imports/${id}/${ids.mapped}.u1.csv`,
    ],
  ];
  await asOwner(id, async (client) => {
    for (const [sql, ...values] of rows) await client.query(sql, [id, ...values]);
  });
  return ids;
}

async function addFiles(
  { id }: TestFirm,
  { canary, leadId }: { canary: string; leadId: string },
  ids: Record<string, string>,
) {
  const text = Buffer.from(`Name\n"${canary}, Quinn"\n`);
  const here = [
    `exports/${id}/${ids.export}-run.csv`,
    `imports/${id}/${ids.import}.csv`,
    `imports/${id}/${ids.mapped}.u1.csv`,
  ];
  for (const key of here) await filesOf().putOnce(key, text);
  const evidence = [`evidence/${id}/${leadId}/${ids.evidence}`, `evidence/${id}/${leadId}/${ids.evidence}.upload`];
  for (const key of evidence) await evidenceFilesOf().putOnce(key, text);
  return [...here, ...evidence];
}
