import { afterAll, afterEach } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { keepContacts } from "@/lib/domain/bookings/keep-contacts";
import type { Ctx } from "@/lib/domain/context/ctx";
import { provenTenant } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { contactIndex } from "@/lib/domain/leads/contacts";
import { GOOGLE_SYNC } from "@/lib/domain/sync/google/google-sync";
import { runCursor } from "@/lib/domain/sync/run-cursor";
import { keepSecret } from "@/lib/domain/tenants/integration-secrets";
import { encryptField } from "@/lib/platform/crypto";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import type { CalendarEvent } from "../../sandbox/google/event";
import { startSandbox } from "../../sandbox/server";
import { postLead } from "../bookings/bookings-world";
import { asOwner, type TestFirm } from "../setup/firms";

/** The clock of the file: Sunday, 22 November 2026, 9 in the morning in Texas. */
export const NOW = "2026-11-22T15:00:00.000Z";
export const clock = fixedClock(NOW);
export const sandbox = await startSandbox({ env: "test", clock });
export const google = sandbox.google.world;
Object.assign(process.env, {
  GOOGLE_AUTH_URL: sandbox.google.url,
  GOOGLE_TOKEN_URL: sandbox.google.url,
  GOOGLE_CALENDAR_URL: `${sandbox.google.url}/calendar/v3`,
  GOOGLE_CLIENT_ID: "arrestra-sandbox",
  GOOGLE_CLIENT_SECRET: "sandbox-google-secret",
});

export const OFFICE = "office@smithlaw.example";
export const SECOND = "consultations-office@group.calendar.example";

afterEach(() => {
  sandbox.reset();
  clock.set(NOW);
});
afterAll(async () => {
  await google.channels.settled();
  await closeQueue();
  await closeDatabase();
  await sandbox.close();
});

export const jobCtx = (firm: TestFirm): Ctx => ({
  tenantId: provenTenant(firm.id),
  actor: { type: "job", id: "test" },
  requestId: newId(),
  clock,
});

/** Connects a firm with the office's account, as after saying yes. */
export async function connectGoogle(firm: TestFirm, settings: Record<string, string> = {}): Promise<string> {
  const id = newId();
  const grant = google.oauth.grants.open({ accountId: OFFICE, clientId: "arrestra-sandbox", scopes: [] });
  const token = google.oauth.grants.accessToken(grant, Number.POSITIVE_INFINITY, null);
  await asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, settings, connected_by, connected_at)
       VALUES ($1, $2, 'google', 'oauth', 'connected', $3, $3, $4, $5, $6)`,
      [firm.id, id, OFFICE, settings, firm.user.id, NOW],
    ),
  );
  await inTenant(jobCtx(firm), (tx) =>
    keepSecret(tx, jobCtx(firm), { provider: "google", name: "access_token" }, token),
  );
  return id;
}

type Fields = {
  startsAt?: string;
  minutes?: number;
  timeZone?: string;
  location?: string;
  joinUrl?: string;
  /** The address that the person booked with. */
  email?: string;
  /** One that a source posted with the lead. */
  posted?: string;
};

/** A scheduled consultation with a lead of its own. */
export async function consult(
  firm: TestFirm,
  {
    startsAt = "2026-11-24T16:00:00Z",
    minutes = 30,
    timeZone = "America/Chicago",
    location,
    joinUrl,
    email,
    posted,
  }: Fields = {},
): Promise<{ id: string; leadId: string }> {
  const leadId = await postLead(firm, { clock, contacts: posted ? [{ kind: "email", value: posted }] : [] });
  const given = email ? [{ kind: "email" as const, value: email }] : [];
  await inTenant(jobCtx(firm), (tx) => keepContacts(tx, jobCtx(firm), leadId, given, { hurry: false }));
  const hash = [
    "person",
    "said",
    ...given.map(({ kind, value }) => contactIndex(jobCtx(firm).tenantId, kind, value)),
  ].join(".");
  const id = newId();
  const sealed = joinUrl
    ? encryptField(joinUrl, { tenantId: firm.id, table: "consultation", column: "join_url_cipher", rowId: id })
    : null;
  const endsAt = new Date(Date.parse(startsAt) + minutes * 60_000);
  await sql(
    firm,
    `INSERT INTO consultation (tenant_id, id, lead_id, origin, source_id, state, starts_at, ends_at, time_zone, kind, location, join_url_cipher,
       join_url_from, booked_at, content_hash, created_at, updated_at)
     VALUES ($1, $2::uuid, $3, 'firm', $2::text, 'scheduled', $4, $5, $6, 'DWI consultation', $7, $8, $9, $10, $11, $10, $10)`,
    [firm.id, id, leadId, startsAt, endsAt, timeZone, location ?? null, sealed, sealed ? "zoom" : null, NOW, hash],
  );
  return { id, leadId };
}

export const sql = <T>(firm: TestFirm, text: string, values: unknown[] = []): Promise<T[]> =>
  asOwner(firm.id, async (client) => (await client.query(text, values)).rows as T[]);

export const change = (firm: TestFirm, id: string, set: string) =>
  sql(firm, `UPDATE consultation SET ${set} WHERE id = $1`, [id]);

export const mirror = async (firm: TestFirm, { id, leadId }: { id: string; leadId: string }): Promise<void> =>
  GOOGLE_SYNC.mirror?.(jobCtx(firm), { consultationId: id, leadId });

/** Reads the calendar until nothing is left, as the engine does. */
export async function pull(firm: TestFirm, connectionId: string, resource = "calendar"): Promise<void> {
  const id = newId();
  const [row] = await sql<{ id: string }>(
    firm,
    `INSERT INTO sync_cursor (tenant_id, id, connection_id, resource, next_run_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, connection_id, resource) DO UPDATE SET next_run_at = EXCLUDED.next_run_at, problem = NULL RETURNING id`,
    [firm.id, id, connectionId, resource, clock.now()],
  );
  await runCursor(jobCtx(firm), row?.id ?? id);
}

export type LinkSeen = {
  id: string;
  external_id: string;
  etag: string;
  state: string;
  problem: string | null;
  details: Record<string, unknown>;
  next_attempt_at: Date | null;
};
export const linkOf = async (firm: TestFirm, consultationId: string): Promise<LinkSeen | undefined> =>
  (
    await sql<LinkSeen>(firm, "SELECT * FROM sync_link WHERE consultation_id = $1 AND kind = 'event'", [consultationId])
  )[0];

export const busyOf = (firm: TestFirm) =>
  sql<{ external_id: string; starts_at: Date; ends_at: Date; is_all_day: boolean }>(
    firm,
    "SELECT external_id, starts_at, ends_at, is_all_day FROM busy_time ORDER BY starts_at, external_id",
  );

export const jobsOf = async (firm: TestFirm, name: string): Promise<Record<string, string>[]> =>
  (
    await sql<{ data: Record<string, string> }>(
      firm,
      "SELECT data FROM pgboss.job WHERE name = $1 AND data->>'tenantId' = $2 AND state < 'active' ORDER BY created_on",
      [name, firm.id],
    )
  ).map(({ data }) => data);

/** The one event of a calendar that is not somebody's own; deleted ones too. */
export const eventOf = (externalId: string | undefined, calendarId = OFFICE): CalendarEvent | undefined =>
  google.calendar(calendarId).events.get(externalId ?? "");

/** What was asked of Google since the log was emptied, as `METHOD path`. */
export const asked = (): string[] =>
  sandbox.log
    .last("google", 200)
    .map(({ method, path }) => `${method} ${path.replace("/google/calendar/v3", "").split("?")[0]}`);

export const at = (startsAt: string, minutes = 60) => ({
  start: { dateTime: startsAt, timeZone: "America/Chicago" },
  end: { dateTime: new Date(Date.parse(startsAt) + minutes * 60_000).toISOString(), timeZone: "America/Chicago" },
});
