import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { openJoinUrl } from "@/lib/domain/bookings/consultation-row";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { handleDelivery } from "@/lib/domain/sync/handle-delivery";
import { mirrorMeeting } from "@/lib/domain/sync/zoom/mirror-meeting";
import { receiveZoomWebhook } from "@/lib/domain/sync/zoom/receive-webhook";
import { storeConnection } from "@/lib/domain/tenants/connections/store-connection";
import { startSandbox } from "../../sandbox/server";
import { signed } from "../../sandbox/zoom/webhooks";
import { ZOOM_ACCOUNTS, ZOOM_SERVER_APPS } from "../../sandbox/zoom/world";
import type { TestFirm } from "../setup/firms";
import { jobCtxOf, rows } from "./made-up";

export const clock = fixedClock("2026-11-20T15:00:00.000Z");
export const sandbox = await startSandbox({ env: "test", clock });
export const { world } = sandbox.zoom;
export const SECRET = "secret-of-our-app-at-zoom";
Object.assign(process.env, {
  ZOOM_API_URL: `${sandbox.zoom.url}/v2`,
  ZOOM_AUTH_URL: sandbox.zoom.url,
  ZOOM_CLIENT_ID: "arrestra-sandbox",
  ZOOM_CLIENT_SECRET: "sandbox-zoom-secret",
  ZOOM_WEBHOOK_SECRET: SECRET,
});

/** What Zoom's webhooks reach: our verb, at the clock of the test. */
const hooks = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", async () => {
    const headers = new Headers(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
    const connectionId = /^\/zoom\/(.+)$/.exec(req.url ?? "")?.[1];
    const hook = { raw: Buffer.concat(chunks), headers, requestId: newId(), clock };
    try {
      res.end(JSON.stringify(await receiveZoomWebhook({ ...hook, ...(connectionId ? { connectionId } : {}) })));
    } catch (error) {
      res.writeHead(error instanceof AppError && error.code === "unauthenticated" ? 401 : 500).end();
    }
  });
});
await new Promise<void>((resolve) => hooks.listen(0, "127.0.0.1", resolve));
const hooksUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`;

afterAll(async () => {
  await new Promise((resolve) => hooks.close(resolve));
  await sandbox.close();
});

export const [FIRST, SECOND] = ZOOM_ACCOUNTS;
/** Our app's webhooks reach us, for every account. */
export const subscribe = (): void =>
  world.webhooks.subscribe({ url: `${hooksUrl}/zoom`, secret: SECRET, accountId: null });
/** A firm's own app tells us of its account. */
export const subscribeOwn = (connectionId: string, secret: string): void =>
  world.webhooks.subscribe({ url: `${hooksUrl}/zoom/${connectionId}`, secret, accountId: FIRST.id });

/** Connects a firm to an account, as if one of its people had said yes; or with an app of its own. */
export async function connectZoom(
  firm: TestFirm,
  { account = FIRST, isOwnApp = false }: { account?: (typeof ZOOM_ACCOUNTS)[number]; isOwnApp?: boolean } = {},
): Promise<string> {
  const app = ZOOM_SERVER_APPS.find(({ accountId }) => accountId === account.id);
  const clientId = isOwnApp ? (app?.clientId ?? "") : "arrestra-sandbox";
  const scopes = [...(app?.scopes ?? [])];
  const { grants } = world.oauth;
  const grant = grants.open({ accountId: account.id, clientId, scopes });
  const accessExpiresAt = new Date(clock.now().getTime() + 3_600_000);
  const secrets = {
    access_token: grants.accessToken(grant, accessExpiresAt.getTime(), null),
    ...(isOwnApp
      ? { client_secret: app?.clientSecret ?? "", webhook_secret: `${account.id}-webhook` }
      : { refresh_token: grants.refreshToken(grant) }),
  };
  return storeConnection(firm.asService(clock), {
    provider: "zoom",
    mode: isOwnApp ? "server_to_server" : "oauth",
    identity: { accountId: account.id, label: account.email, settings: { userId: account.userId } },
    scopes,
    settings: isOwnApp ? { hostId: account.email, clientId } : {},
    accessExpiresAt,
    secrets,
    connectedBy: firm.user.id,
  });
}

/** A consultation that the firm agreed on, half an hour from 16:00 UTC on. */
export async function book(firm: TestFirm, startsAt = "2026-11-20T16:00:00.000Z"): Promise<string> {
  const lead = {
    sourceId: newId(),
    name: { full: "FICTUS, ROWAN" },
    county: "Travis",
    charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
  };
  const { results } = await ingestLeads(firm.asKey(undefined, clock), { source: "api", leads: [lead] });
  const leadId = results[0]?.leadId as string;
  const { id } = await bookConsultation(firm.asUser(clock), { leadId, startsAt, minutes: 30, kind: "Consultation" });
  return id;
}

export const job = (firm: TestFirm) => jobCtxOf(firm, clock);
export const mirror = (firm: TestFirm, consultationId: string) =>
  mirrorMeeting(job(firm), { consultationId, leadId: "" });

/** Books a consultation and makes its meeting; gives both ids. */
export async function bookWithMeeting(firm: TestFirm, startsAt?: string): Promise<{ id: string; meetingId: string }> {
  const id = await book(firm, startsAt);
  await mirror(firm, id);
  return { id, meetingId: (await linkOf(firm, id))?.external_id ?? "" };
}

export type LinkSeen = {
  external_id: string | null;
  state: string;
  problem: string | null;
  details: Record<string, unknown>;
};
export const linkOf = async (firm: TestFirm, consultationId: string): Promise<LinkSeen | undefined> =>
  (await rows<LinkSeen>(firm, "SELECT * FROM sync_link WHERE consultation_id = $1", [consultationId]))[0];

type ConsultationSeen = {
  id: string;
  join_url_cipher: string | null;
  join_url_from: string | null;
  attendance: string;
  attended_seconds: number | null;
};
export async function consultationOf(firm: TestFirm, id: string) {
  const [row] = await rows<ConsultationSeen>(firm, "SELECT * FROM consultation WHERE id = $1", [id]);
  if (!row) throw new Error("no such consultation");
  return { ...row, joinUrl: openJoinUrl(job(firm), { id, joinUrlCipher: row.join_url_cipher }) };
}

export const intervalsOf = (firm: TestFirm, id: string) =>
  rows<{ person_key: string; is_host: boolean; joined_at: Date; left_at: Date | null }>(
    firm,
    `SELECT person_key, is_host, joined_at, left_at FROM attendance_interval WHERE consultation_id = $1 ORDER BY joined_at, left_at, person_key`,
    [id],
  );

export const deliveriesOf = (firm: TestFirm) =>
  rows<{ id: string; handled_at: Date | null; body_cipher: string | null }>(
    firm,
    "SELECT id, handled_at, body_cipher FROM webhook_delivery ORDER BY received_at, id",
  );

/** Handles what was delivered and not handled yet, as the runner would. */
export async function handleAll(firm: TestFirm): Promise<number> {
  const open = (await deliveriesOf(firm)).filter(({ handled_at }) => handled_at === null);
  for (const { id } of open) await handleDelivery(job(firm), id);
  return open.length;
}

/** Everything of a firm that a webhook could change. */
export const stateOf = async (firm: TestFirm): Promise<unknown> =>
  inTenant(job(firm), async () =>
    rows(
      firm,
      `SELECT (SELECT json_agg(c ORDER BY id) FROM consultation c) AS consultations, (SELECT json_agg(i ORDER BY id) FROM attendance_interval i) AS intervals,
         (SELECT json_agg(l ORDER BY id) FROM sync_link l) AS links, (SELECT count(*) FROM webhook_delivery) AS deliveries,
         (SELECT count(*) FROM connection) AS connections, (SELECT count(*) FROM integration_secret) AS secrets,
         (SELECT count(*) FROM pgboss.job WHERE data->>'tenantId' = '${firm.id}') AS jobs, (SELECT count(*) FROM event) AS events`,
    ),
  );

/** The very bytes of a delivery. */
export type Delivered = { body: string; headers: Headers };
/** Hands a delivery to our verb; says what became of it. */
export const post = ({ body, headers }: Delivered, own?: string) =>
  receiveZoomWebhook({
    raw: Buffer.from(body),
    headers,
    requestId: newId(),
    clock,
    ...(own === undefined ? {} : { connectionId: own }),
  }).then(
    () => "taken",
    (error: { code?: string }) => error.code,
  );

/** A delivery as Zoom signs it. */
export const deliveryOf = (message: object, secret = SECRET, when = clock.now()): Delivered => {
  const body = JSON.stringify(message);
  return { body, headers: new Headers(signed(body, secret, when)) };
};

const at = (time: string) => clock.set(`2026-11-20T${time}.000Z`);

/** A consultation as it goes: the host, and a person who drops out and comes back. Twenty minutes in all. */
export async function hold(meetingId: string, { isHostThere = true } = {}): Promise<void> {
  at("16:00:00");
  const host = isHostThere ? await world.join(meetingId, { name: "Dana Counsel", isHost: true }) : null;
  at("16:01:00");
  const first = await world.join(meetingId, { name: "Rowan F" });
  at("16:06:00");
  await world.leave(meetingId, first);
  at("16:10:00");
  const second = await world.join(meetingId, { name: "Rowan F" });
  at("16:25:00");
  await world.leave(meetingId, second);
  if (host) await world.leave(meetingId, host);
  at("16:30:00");
  await world.end(meetingId);
}
