import { newId } from "@/lib/core/ids";
import { asOwner, type TestFirm } from "../setup/firms";

type Insert = (sql: string, table: string, column: string, rowId: string, ...more: unknown[]) => Promise<unknown>;

/** What connected services and consultations keep sealed. */
export async function insertConnected(of: TestFirm, leadId: string, insert: Insert): Promise<void> {
  const [connection, attempt, delivery, consultation, stay] = [newId(), newId(), newId(), newId(), newId()];
  await asOwner(of.id, (client) =>
    client.query(
      `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, connected_by, connected_at)
       VALUES ($1, $2, 'zoom', 'oauth', 'connected', 'a', 'a', $3, now())`,
      [of.id, connection, of.user.id],
    ),
  );
  await insert(
    `INSERT INTO oauth_attempt (tenant_id, verifier_cipher, id, provider, user_id, session_id, created_at, expires_at)
     VALUES ($1, $2, $3, 'zoom', $4, $4, now(), now() + interval '1 hour')`,
    "oauth_attempt",
    "verifier_cipher",
    attempt,
    attempt,
    of.user.id,
  );
  await insert(
    `INSERT INTO webhook_delivery (tenant_id, body_cipher, id, connection_id, provider, delivery_key, received_at)
     VALUES ($1, $2, $3, $4, 'zoom', 'key', now())`,
    "webhook_delivery",
    "body_cipher",
    delivery,
    delivery,
    connection,
  );
  await insert(
    `INSERT INTO consultation (tenant_id, join_url_cipher, id, lead_id, origin, source_id, state, starts_at, ends_at, time_zone, kind, booked_at,
       content_hash, created_at, updated_at)
     VALUES ($1, $2, $3::uuid, $4, 'firm', $3::text, 'scheduled', now(), now() + interval '1 hour', 'UTC', 'x', now(), '', now(), now())`,
    "consultation",
    "join_url_cipher",
    consultation,
    consultation,
    leadId,
  );
  await insert(
    `UPDATE consultation SET notes_cipher = $2 WHERE tenant_id = $1 AND id = $3`,
    "consultation",
    "notes_cipher",
    consultation,
    consultation,
  );
  await insert(
    "INSERT INTO alert_choice (tenant_id, phone_cipher, user_id, updated_at) VALUES ($1, $2, $3, now())",
    "alert_choice",
    "phone_cipher",
    of.user.id,
    of.user.id,
  );
  await insert(
    `INSERT INTO attendance_interval (tenant_id, name_cipher, id, consultation_id, lead_id, occurrence, person_key, is_host, joined_at)
     VALUES ($1, $2, $3, $4, $5, 'o', 'p', false, now())`,
    "attendance_interval",
    "name_cipher",
    stay,
    stay,
    consultation,
    leadId,
  );
}
