import pg from "pg";
import { afterAll, beforeEach, vi } from "vitest";
import { POST as acuityHook } from "@/app/api/webhooks/acuity/[connection]/route";
import { POST as googleHook } from "@/app/api/webhooks/google/[connection]/route";
import { POST as zoomHook } from "@/app/api/webhooks/zoom/route";
import type { JobType } from "@/lib/contracts/jobs";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { syncDue } from "@/lib/domain/sync/sync-due";
import { storeConnection } from "@/lib/domain/tenants/connections/store-connection";
import { HANDLERS, type JobHandler } from "@/lib/jobs/handlers";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { ACUITY_ACCOUNTS } from "../../sandbox/acuity/world";
import { startSandbox } from "../../sandbox/server";
import { ZOOM_ACCOUNTS } from "../../sandbox/zoom/world";
import { serveRoute } from "../jobs/route-server";
import { makeFirm, type TestFirm } from "../setup/firms";
import { until } from "../setup/http";

/** Nine in the morning of a Tuesday in Texas. In years to come, so that a job which waits is told from one that does not. */
export const MORNING = Date.parse("2031-05-06T14:00:00.000Z");
const MINUTE = 60_000;

/** Everything here goes by the machine's clock, which stands still until a test moves it: routes, jobs and stand-ins see one time. */
export const setMinute = (minute: number): void => void vi.setSystemTime(MORNING + minute * MINUTE);
export const minuteNow = (): number => (Date.now() - MORNING) / MINUTE;

export const sandbox = await startSandbox({ env: "test" });
export const stage = {
  acuity: sandbox.acuity.world,
  google: sandbox.google.world,
  zoom: sandbox.zoom.world,
  zoho: sandbox.zoho.world,
};

/** The web server, as far as the services call it. */
const door = await serveRoute(async (request) => {
  const [, service, connection] = /^\/api\/webhooks\/(\w+)(?:\/([\w-]+))?$/.exec(new URL(request.url).pathname) ?? [];
  const route = { acuity: acuityHook, google: googleHook, zoom: zoomHook }[service ?? ""];
  const params: Record<string, string> = connection ? { connection } : {};
  return route?.(request, { params: Promise.resolve(params) }) ?? new Response(null, { status: 404 });
});

Object.assign(process.env, {
  APP_BASE_URL: door.url,
  ACUITY_BASE_URL: sandbox.acuity.url,
  ACUITY_CLIENT_ID: "arrestra-sandbox",
  ACUITY_CLIENT_SECRET: "sandbox-acuity-secret",
  GOOGLE_AUTH_URL: sandbox.google.url,
  GOOGLE_TOKEN_URL: sandbox.google.url,
  GOOGLE_CALENDAR_URL: `${sandbox.google.url}/calendar/v3`,
  GOOGLE_CLIENT_ID: "arrestra-sandbox",
  GOOGLE_CLIENT_SECRET: "sandbox-google-secret",
  ZOOM_AUTH_URL: sandbox.zoom.url,
  ZOOM_API_URL: `${sandbox.zoom.url}/v2`,
  ZOOM_CLIENT_ID: "arrestra-sandbox",
  ZOOM_CLIENT_SECRET: "sandbox-zoom-secret",
  ZOOM_WEBHOOK_SECRET: "sandbox-zoom-webhook",
  ZOHO_CLIENT_ID: "arrestra-sandbox",
  ZOHO_CLIENT_SECRET: "sandbox-zoho-secret",
  ZOHO_SANDBOX_URL: sandbox.zoho.url,
});

/** One connection as the owner of the tables for all that is looked up here, bound to the firm of the day. */
const owner = new pg.Client({ connectionString: process.env.DATABASE_URL });
await owner.connect();
export const rows = async <R extends object>(sql: string, values: unknown[] = []): Promise<R[]> =>
  (await owner.query<R>(sql, values)).rows;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  setMinute(-30);
  sandbox.reset();
  // The day is played in seconds.
  sandbox.acuity.rate.set(1000);
  stage.zoom.webhooks.subscribe({
    url: `${door.url}/api/webhooks/zoom`,
    secret: "sandbox-zoom-webhook",
    accountId: null,
  });
});
afterAll(async () => {
  vi.useRealTimers();
  await owner.end();
  await closeQueue();
  await closeDatabase();
  await door.close();
  await sandbox.close();
});

const ACCOUNTS = {
  acuity: { accountId: ACUITY_ACCOUNTS[0]?.id ?? "", label: "Smith Law", settings: { timeZone: "America/Chicago" } },
  google: { accountId: "office@smithlaw.example", label: "Office", settings: {} },
  zoom: {
    accountId: ZOOM_ACCOUNTS[0].id,
    label: ZOOM_ACCOUNTS[0].email,
    settings: { userId: ZOOM_ACCOUNTS[0].userId },
  },
  zoho: { accountId: "700000001", label: "Smith Law", settings: {} },
} as const;

export type Service = keyof typeof ACCOUNTS;

/** Connects a service, as if one of the firm's people had said yes. */
export async function connect(firm: TestFirm, provider: Service): Promise<void> {
  const { grants, options } = stage[provider].oauth;
  const identity = ACCOUNTS[provider];
  const { accountId } = identity;
  const grant = grants.open({ accountId, clientId: options.clientId, scopes: options.scopes });
  const isEndless = provider === "acuity";
  const endsAt = Date.now() + 60 * MINUTE;
  const refresh = isEndless ? null : grants.refreshToken(grant);
  await storeConnection(firm.asUser(), {
    provider,
    mode: "oauth",
    identity,
    scopes: [...options.scopes],
    settings: provider === "zoho" ? { dataCenter: "us" } : {},
    accessExpiresAt: isEndless ? null : new Date(endsAt),
    secrets: {
      access_token: grants.accessToken(grant, isEndless ? Number.POSITIVE_INFINITY : endsAt, refresh),
      ...(refresh ? { refresh_token: refresh } : {}),
    },
    connectedBy: firm.user.id,
  });
}

/** A firm with all four services, whose first readings are through. */
export async function connectedFirm(): Promise<TestFirm> {
  const firm = await makeFirm();
  await owner.query("SELECT set_config('app.tenant_id', $1, false)", [firm.id]);
  for (const provider of ["acuity", "google", "zoom", "zoho"] as const) await connect(firm, provider);
  await catchUp(firm);
  return firm;
}

const OURS: readonly JobType[] = [
  "sync.connected",
  "sync.run",
  "sync.consultation",
  "sync.compare",
  "booking.look",
  "webhook.handle",
  "attendance.collect",
];

type Job = { name: JobType; data: { tenantId: string } };

/** Does every job that is due, and those that come of it. One that fails is tried once more, as the queue does. */
export async function workUntilIdle(firm: TestFirm): Promise<void> {
  for (let round = 0; ; round += 1) {
    if (round > 50) throw new Error("Jobs go round in circles.");
    const jobs = await rows<Job>(
      "DELETE FROM pgboss.job WHERE data->>'tenantId' = $1 AND name = ANY($2) AND state = 'created' AND start_after <= $3 RETURNING name, data",
      [firm.id, OURS, new Date()],
    );
    if (jobs.length === 0) return;
    for (const job of jobs) await work(job).catch(() => work(job));
    await stage.acuity.webhooks.settled();
    await stage.google.channels.settled();
  }
}

async function work({ name, data }: Job): Promise<void> {
  // How fast services may be asked is counted in real time, and a day of them passes here in seconds.
  await rows("DELETE FROM rate_limit");
  await (HANDLERS[name] as JobHandler<JobType>)([data as never]);
}

/** What schedules and runner do in a minute: whatever is due gets its job, and every job is done. */
export async function catchUp(firm: TestFirm): Promise<void> {
  await workUntilIdle(firm);
  await sealAll(firm);
  await syncDue(jobCtx(firm.id, "sync-due"));
  await workUntilIdle(firm);
}

/** Seals everything that happened: a transaction of anybody on this server puts it off until it ends. */
async function sealAll(firm: TestFirm): Promise<void> {
  const open =
    "SELECT 1 FROM event e WHERE NOT EXISTS (SELECT FROM event_seal s WHERE s.tenant_id = e.tenant_id AND s.event_id = e.id) LIMIT 1";
  await until("every event is sealed", async () => {
    await sealEvents(jobCtx(firm.id, "seal"));
    return (await rows(open)).length === 0;
  });
}

/** Time goes on in steps, until that minute of the day. */
export async function passUntil(firm: TestFirm, minute: number, by: number): Promise<void> {
  while (minuteNow() < minute) {
    setMinute(Math.min(minute, minuteNow() + by));
    await catchUp(firm);
  }
}
