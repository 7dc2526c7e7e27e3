import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { encryptField } from "@/lib/platform/crypto";
import { asOwner, type TestFirm } from "../setup/firms";

/** A row in every table of connected services and consultations, as the owner: the services themselves are not asked. */
export function addConnectedRows({ id, user }: TestFirm, leadId: string): Promise<void> {
  const [connection, consultation, stay, leadImport, evidence] = [newId(), newId(), newId(), newId(), newId()];
  const seal = (table: string, column: string, rowId: string) =>
    encryptField("sealed words", { tenantId: id, table, column, rowId });
  const rows: [sql: string, ...values: unknown[]][] = [
    [
      `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, connected_by, connected_at)
       VALUES ($1, $2, 'google', 'oauth', 'connected', 'account', 'office', $3, now())`,
      connection,
      user.id,
    ],
    [
      `INSERT INTO oauth_attempt (tenant_id, id, provider, user_id, session_id, verifier_cipher, created_at, expires_at)
       VALUES ($1, $2, 'zoom', $3, $3, 'sealed', now(), now())`,
      newId(),
      user.id,
    ],
    [
      `INSERT INTO webhook_delivery (tenant_id, id, connection_id, provider, delivery_key, received_at) VALUES ($1, $2, $3, 'google', 'k', now())`,
      newId(),
      connection,
    ],
    [
      `INSERT INTO sync_cursor (tenant_id, id, connection_id, resource, next_run_at) VALUES ($1, $2, $3, 'calendar', now())`,
      newId(),
      connection,
    ],
    [
      `INSERT INTO push_channel (tenant_id, id, connection_id, calendar_id, resource_id, token_hash, created_at, expires_at)
       VALUES ($1, $2, $3, 'primary', 'r', 'h', now(), now())`,
      newId(),
      connection,
    ],
    [
      `INSERT INTO busy_time (tenant_id, id, connection_id, external_id, starts_at, ends_at, is_all_day) VALUES ($1, $2, $3, 'e', now(), now(), false)`,
      newId(),
      connection,
    ],
    [
      `INSERT INTO crm_field (tenant_id, connection_id, ours, theirs, rule) VALUES ($1, $2, 'lastName', 'Last_Name', 'ours')`,
      connection,
    ],
    [
      `INSERT INTO drift_report (tenant_id, connection_id, checked_at, ours, theirs, only_ours, only_theirs, different, items)
       VALUES ($1, $2, now(), 0, 0, 0, 0, 0, '[]')`,
      connection,
    ],
    [
      `INSERT INTO consultation (tenant_id, id, lead_id, origin, source_id, state, starts_at, ends_at, time_zone, kind, notes_cipher, booked_at,
         content_hash, created_at, updated_at)
       VALUES ($1, $2::uuid, $3, 'firm', $2::text, 'scheduled', now(), now() + interval '1 hour', 'UTC', 'Consultation', $4, now(), '', now(), now())`,
      consultation,
      leadId,
      seal("consultation", "notes_cipher", consultation),
    ],
    [`INSERT INTO booking_look (tenant_id, origin, source_id) VALUES ($1, 'acuity', '1')`],
    [
      `INSERT INTO attendance_interval (tenant_id, id, consultation_id, lead_id, occurrence, person_key, name_cipher, is_host, joined_at)
       VALUES ($1, $2, $3, $4, 'o', 'p', $5, false, now())`,
      stay,
      consultation,
      leadId,
      seal("attendance_interval", "name_cipher", stay),
    ],
    [
      `INSERT INTO sync_link (tenant_id, id, connection_id, kind, lead_id, consultation_id, state, updated_at)
       VALUES ($1, $2, $3, 'event', $4, $5, 'linked', now())`,
      newId(),
      connection,
      leadId,
      consultation,
    ],
    [
      `INSERT INTO reminder (tenant_id, consultation_id, user_id, lead_id, starts_at, created_at) VALUES ($1, $2, $3, $4, now(), now())`,
      consultation,
      user.id,
      leadId,
    ],
    [
      `INSERT INTO alert_choice (tenant_id, user_id, by_mail, by_text, phone_cipher, phone_confirmed_at, updated_at)
       VALUES ($1, $2, true, true, $3, now(), now())`,
      user.id,
      seal("alert_choice", "phone_cipher", user.id),
    ],
    [
      `INSERT INTO lead_alert (tenant_id, lead_id, user_id, channel, state, due_at, created_at) VALUES ($1, $2, $3, 'mail', 'waiting', now(), now())`,
      leadId,
      user.id,
    ],
    [
      `INSERT INTO file_export (tenant_id, id, kind, asked_by_type, asked_by, filter_cipher, about, state, filename, created_at)
       VALUES ($1, $2, 'leads', 'user', $3, 'sealed', 'Everything', 'waiting', 'a.csv', now())`,
      newId(),
      user.id,
    ],
    [
      `INSERT INTO evidence_file (tenant_id, id, lead_id, name_cipher, type, bytes, state, file_key, added_by_type, added_by, created_at, due_at)
       VALUES ($1, $2, $3, $4, 'pdf', 9, 'uploading', 'evidence/none', 'user', $5, now(), now())`,
      evidence,
      leadId,
      seal("evidence_file", "name_cipher", evidence),
      user.id,
    ],
    [
      `INSERT INTO lead_import (tenant_id, id, created_by, filename, state, created_at, expires_at) VALUES ($1, $2, $3, 'a.csv', 'done', now(), now())`,
      leadImport,
      user.id,
    ],
    [
      `INSERT INTO lead_import_problem (tenant_id, import_id, row_number, field, code, reason) VALUES ($1, $2, 2, 'row', 'malformed', 'has 2 columns')`,
      leadImport,
    ],
    ["INSERT INTO lead_import_lead (tenant_id, import_id, lead_id) VALUES ($1, $2, $3)", leadImport, leadId],
    [
      `INSERT INTO calendar_feed (tenant_id, user_id, secret_hash, created_at) VALUES ($1, $2, $3, now())`,
      user.id,
      sha256(newId()),
    ],
  ];
  return asOwner(id, async (client) => {
    for (const [sql, ...values] of rows) await client.query(sql, [id, ...values]);
  });
}
