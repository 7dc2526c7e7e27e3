import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach } from "vitest";
import { POST } from "@/app/api/webhooks/acuity/[connection]/route";
import { fixedClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { ACUITY_SYNC } from "@/lib/domain/sync/acuity/acuity-sync";
import { lookAtBooking } from "@/lib/domain/sync/acuity/look-at-booking";
import type { Position, Turn } from "@/lib/domain/sync/sync-provider";
import { storeConnection } from "@/lib/domain/tenants/connections/store-connection";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { ACUITY_ACCOUNTS, type Account } from "../../sandbox/acuity/world";
import { startSandbox } from "../../sandbox/server";
import { call, type Reply } from "../http/call";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";

export const AT = "2026-11-22T15:00:00.000Z";
export const clock = fixedClock(AT);
export const sandbox = await startSandbox({ env: "test", clock });
export const world = sandbox.acuity.world;

/** What stands between Acuity and us: it hands webhooks to the route, as the web server would. */
const door = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const headers = { "x-acuity-signature": String(req.headers["x-acuity-signature"] ?? "") };
  const reply = await hook(req.url?.split("/").at(-1) ?? "", Buffer.concat(chunks), headers);
  res.writeHead(reply.status).end();
});
await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));

Object.assign(process.env, {
  ACUITY_BASE_URL: sandbox.acuity.url,
  APP_BASE_URL: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
  ACUITY_CLIENT_ID: "arrestra-sandbox",
  ACUITY_CLIENT_SECRET: "sandbox-acuity-secret",
  ACUITY_WEBHOOK_SECRET: "captured-from-a-delivery",
});

afterEach(() => {
  sandbox.reset();
  clock.set(AT);
});
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
  await new Promise((resolve) => door.close(resolve));
  await sandbox.close();
});

/** Posts to the webhook route. */
export const hook = (
  connectionId: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  call(POST, `/api/webhooks/acuity/${connectionId}`, {
    method: "POST",
    body: typeof body === "string" ? body : new Uint8Array(body),
    ids: { connection: connectionId },
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });

/** The header with which Acuity signs these bytes. */
export const signed = (body: string, key: string) => ({
  "x-acuity-signature": createHmac("sha256", key).update(body).digest("base64"),
});

/** A firm that is connected with an account of the stand-in, by key unless said otherwise, and gets its webhooks. */
export type Office = { firm: TestFirm; account: Account; connectionId: string; ctx: Ctx };

export async function openOffice(
  account: Account = ACUITY_ACCOUNTS[0] as Account,
  { mode = "api_key" as "api_key" | "oauth", subscribes = true } = {},
): Promise<Office> {
  const firm = await makeFirm();
  const { connectionId } = await connect(firm, account, mode);
  const ctx = jobCtx(firm.id, "test", clock);
  if (subscribes) await ACUITY_SYNC.begin?.(ctx, connectionId);
  return { firm, account, connectionId, ctx };
}

/** Connects an account, in the place of the one before. */
export async function connect(firm: TestFirm, account: Account, mode: "api_key" | "oauth" = "api_key") {
  const { id, label, timeZone, apiKey } = account;
  const connectionId = await storeConnection(firm.asUser(clock), {
    provider: "acuity",
    mode,
    identity: { accountId: id, label, settings: { timeZone } },
    scopes: [],
    settings: { userId: id },
    accessExpiresAt: null,
    secrets: mode === "api_key" ? { api_key: apiKey } : { access_token: tokenFor(id) },
    connectedBy: firm.user.id,
  });
  return { account, connectionId };
}

function tokenFor(accountId: string): string {
  const { grants } = world.oauth;
  const grant = grants.open({ accountId, clientId: "arrestra-sandbox", scopes: ["api-v1"] });
  return grants.accessToken(grant, Number.POSITIVE_INFINITY, null);
}

/** The looks that are waiting; they are taken, so each is seen once. */
export const takeLooks = ({ firm }: Office): Promise<{ connectionId: string; sourceId: string }[]> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query(
      "DELETE FROM pgboss.job WHERE name = 'booking.look' AND data->>'tenantId' = $1 AND state = 'created' RETURNING data",
      [firm.id],
    );
    return rows.map(({ data }) => data);
  });

/** Does the waiting looks, as the runner would; says how many there were. */
export async function doLooks(office: Office): Promise<number> {
  const looks = await takeLooks(office);
  for (const look of looks) await lookAtBooking(office.ctx, look);
  return looks.length;
}

/** Pulls a resource until it is through; gives what the cursor was told. */
export async function pull(
  { ctx, connectionId }: Office,
  name: string,
  { phase = "incremental", position = null }: Partial<Pick<Turn, "phase" | "position">> = {},
) {
  const resource = ACUITY_SYNC.resources.find((each) => each.name === name);
  const told: Parameters<Turn["advance"]>[1][] = [];
  let at: Position | null = position;
  for (let isDone = false; !isDone; ) {
    await resource?.pull(ctx, {
      connectionId,
      phase,
      position: at,
      advance: async (_tx, to) => {
        told.push(to);
        at = to.position;
        isDone = to.isDone;
      },
    });
  }
  return told;
}

/** Rows of the firm, as the owner of the tables sees them. */
export const rowsOf = <R extends object = Record<string, unknown>>({ firm }: Office, sql: string): Promise<R[]> =>
  asOwner(firm.id, async (client) => (await client.query<R>(sql)).rows);

/** What a firm holds of its consultations and their leads, without what differs from firm to firm: ids, keyed digests, times of writing. */
export const stateOf = (office: Office) =>
  rowsOf(
    office,
    `SELECT c.origin, c.state, c.starts_at, c.ends_at, c.time_zone, c.kind, c.calendar_name, c.location, c.join_url_from, c.price_cents, c.is_paid,
       c.outcome, c.attendance, c.notes_cipher IS NULL AS has_no_notes, l.status AS lead_status, l.name AS lead_name, l.county, l.source,
       (SELECT count(*)::int FROM contact_point p WHERE p.lead_id = l.id) AS contacts
     FROM consultation c JOIN lead l ON l.id = c.lead_id ORDER BY c.starts_at, c.kind, l.name`,
  );

/** The kinds of events of a firm, oldest first, without those of connecting. */
export const eventTypes = async (office: Office): Promise<string[]> =>
  (await rowsOf<{ type: string }>(office, "SELECT type FROM event ORDER BY occurred_at, id"))
    .map(({ type }) => type)
    .filter((type) => !type.startsWith("connection."));

/** An hour so many hours from the start of the test. */
export const inHours = (hours: number): Date => new Date(Date.parse(AT) + hours * 3_600_000);

export const PERSON = { firstName: "Rowan", lastName: "Fictus", email: "rowan@example.com", phone: "(512) 555-0142" };
