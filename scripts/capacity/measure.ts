// What each piece of work costs on this machine: CPU from /proc of the process that does it and of PostgreSQL with all its children, WAL by its position.
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import type { ScheduleName } from "@/lib/contracts/jobs";
import { hashPassword } from "@/lib/domain/auth/password";
import { startSandbox } from "@/sandbox/server";
import { freshCode } from "@/tests/setup/factor";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { request } from "@/tests/setup/http";
import { type House, openHouse } from "../bench/house";
import { cpuSeconds, describeMachine, describeVerdict, treeCpuSeconds, watchMachine } from "../bench/machine";
import { wireBatches, wireLead } from "../bench/wire-leads";
import { STATE } from "../repository";
import { runsADay } from "./runs-a-day";
import type { Measured, ScheduleCost, UnitCost } from "./units";

const IDLE_FIRMS = 40;
const LEADS = 5_000;
const PASSWORD = "correct horse battery staple";
const ACCOUNT = "AC00000000000000000000000000000000";

type Cost = UnitCost & { wallMs: number };
type Bench = { house: House; admin: pg.Client };

/** Measures every unit of units.ts, of the packed server in that folder or else of this working tree, which is built when a source has changed. */
export async function measure(server?: string): Promise<Measured> {
  const sandbox = await startSandbox({ env: "test" });
  const house = await openHouse(server);
  Object.assign(process.env, {
    TWILIO_BASE_URL: `${sandbox.url}/twilio`,
    TWILIO_ACCOUNT_SID: ACCOUNT,
    TWILIO_API_KEY_SID: "SK00000000000000000000000000000000",
    TWILIO_API_KEY_SECRET: "secret",
    KICKBOX_BASE_URL: `${sandbox.url}/kickbox`,
    KICKBOX_API_KEY: "key",
    AUDIT_SIGNING_KEYS: `bench:${randomBytes(32).toString("base64")}`,
    AUDIT_HEADS_DIR: path.join(STATE, "bench", "heads"),
    AUDIT_STREAM_DIR: path.join(STATE, "bench", "audit-stream"),
    FILES_DIR: path.join(STATE, "bench", "files"),
    EVIDENCE_DIR: path.join(STATE, "bench", "evidence"),
    LOG_LEVEL: "silent",
  });
  const admin = new pg.Client({ connectionString: house.adminUrl });
  await admin.connect();
  try {
    const sinceStart = watchMachine([process.pid, house.postgresPid]);
    const bench = { house, admin };
    const firm = await makeFirm({ passwordHash: await hashPassword(PASSWORD) });
    const web = await measureWeb(bench, firm);
    const worker = await measureWorker(bench, firm);
    const { rows } = await admin.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    return {
      on: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      postgres: `PostgreSQL ${rows[0]?.version}`,
      verdict: describeVerdict(sinceStart()),
      units: { ...web.units, ...worker.units },
      schedules: worker.schedules,
      sealLookWallMs: worker.sealLookWallMs,
      leadDiskBytes: web.leadDiskBytes,
      eventDiskBytes: worker.eventDiskBytes,
      logBytesPerRequest: web.logBytesPerRequest,
    };
  } finally {
    await admin.end();
    const { closeDatabase } = await import("@/lib/platform/db");
    await closeDatabase();
    await house.close();
    await sandbox.close();
  }
}

/** What a piece of work costs when it is done `count` times; `pid` is the process that does it. */
async function costOf({ house, admin }: Bench, pid: number, count: number, work: () => Promise<void>): Promise<Cost> {
  const wal = async () => Number((await admin.query("SELECT pg_current_wal_lsn() - '0/0' AS at")).rows[0]?.at);
  const [cpu, database, position, at] = [
    cpuSeconds(pid),
    treeCpuSeconds(house.postgresPid),
    await wal(),
    performance.now(),
  ];
  await work();
  return {
    wallMs: (performance.now() - at) / count,
    processMs: ((cpuSeconds(pid) - cpu) * 1000) / count,
    databaseMs: ((treeCpuSeconds(house.postgresPid) - database) * 1000) / count,
    walBytes: ((await wal()) - position) / count,
  };
}

const unit = ({ processMs, databaseMs, walBytes }: Cost): UnitCost => ({ processMs, databaseMs, walBytes });

async function measureWeb(bench: Bench, firm: TestFirm) {
  const { house, admin } = bench;
  const log = path.join(STATE, "bench-server.log");
  const cost = async (count: number, work: () => Promise<void>) =>
    unit(await costOf(bench, house.serverPid, count, work));
  const post = async (of: TestFirm, leads: number) => {
    const now = Date.now();
    const batches = wireBatches(
      Array.from({ length: leads }, (_, i) => wireLead(i + 1, now)),
      100,
    );
    return async () => {
      for (const batch of batches) await house.http.post("/api/leads/ingest", of.key.text, batch);
    };
  };
  await (await post(await makeFirm(), 500))();
  const ingest = await post(firm, LEADS);
  const diskBefore = await diskBytes(admin);
  const newLead = await cost(LEADS, ingest);
  const leadDiskBytes = ((await diskBytes(admin)) - diskBefore) / LEADS;
  const sameLead = await cost(LEADS, ingest);

  const { rows } = await admin.query<{ id: string }>(
    "SELECT id FROM lead WHERE tenant_id = $1 AND status = 'new' ORDER BY id LIMIT 400",
    [firm.id],
  );
  const ids = rows.map(({ id }) => id);
  const origin = `http://${firm.slug}.localhost:${process.env.PORT}`;
  const cookie = await signIn(origin, firm);
  const read = (address: string) => async () => {
    const reply = await request(`${origin}${address}`, { headers: { cookie } });
    if (reply.status !== 200) throw new Error(`${reply.status} from ${address}`);
  };
  const times = (count: number, work: (turn: number) => Promise<unknown>) => async () => {
    for (let turn = 0; turn < count; turn += 1) await work(turn);
  };
  const page = (address: (turn: number) => string, count: number) =>
    cost(
      count,
      times(count, (turn) => read(address(turn))()),
    );
  await times(20, read("/leads"))();
  const logBefore = statSync(log).size;
  const listPage = await page(() => "/leads", 100);
  const logBytesPerRequest = (statSync(log).size - logBefore) / 100;
  if (logBytesPerRequest === 0) throw new Error("the server wrote no lines of its requests: is it an older build?");
  const move = (turn: number) =>
    house.http.post(
      "/api/leads/status",
      firm.key.text,
      Buffer.from(JSON.stringify({ leadId: ids[200 + turn], to: "reviewed" })),
    );
  const exported = async () => {
    await house.http.get("/api/leads/export", { key: firm.key.text });
  };
  await exported();
  return {
    leadDiskBytes,
    logBytesPerRequest,
    units: {
      newLead,
      sameLead,
      listPage,
      leadPage: await page((turn) => `/leads/${ids[turn]}`, 100),
      apiRead: await cost(
        200,
        times(200, () => house.http.read("/api/leads?limit=50", firm.key.text)),
      ),
      statusChange: await cost(200, times(200, move)),
      exportRow: await cost(LEADS, exported),
      signIn: await cost(
        20,
        times(20, () => signIn(origin, firm)),
      ),
    },
  };
}

/** Both steps of the door, as the form posts them; gives the cookie of the session. */
async function signIn(origin: string, firm: TestFirm): Promise<string> {
  const step = async (form: Record<string, string>, cookie: string, sets: string) => {
    const reply = await request(`${origin}/api/auth/callback/credentials`, {
      method: "POST",
      headers: { origin, cookie, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
    const set = reply.setCookies.find((line) => line.startsWith(`${sets}=`))?.split(";")[0];
    if (!set) throw new Error(`${reply.status} from the door`);
    return set;
  };
  const attempt = await step({ email: firm.user.email, password: PASSWORD }, "", "arrestra.attempt");
  return step({ code: await freshCode(firm.id, firm.user) }, attempt, "arrestra.session");
}

const WITH_A_LEAD = ["lead", "charge", "observation", "event", "ingest_batch"];

async function diskBytes(admin: pg.Client, tables = WITH_A_LEAD): Promise<number> {
  const { rows } = await admin.query(
    "SELECT sum(pg_total_relation_size(t::regclass))::bigint AS n FROM unnest($1::text[]) t",
    [tables],
  );
  return Number(rows[0]?.n);
}

async function measureWorker(bench: Bench, firm: TestFirm) {
  const { addContact } = await import("@/lib/domain/enrichment/contacts");
  const { lookUp } = await import("@/lib/domain/enrichment/look-up");
  const { sealEvents } = await import("@/lib/domain/events/seal-events");
  const { jobCtx } = await import("@/lib/jobs/job-ctx");
  const { runForAllFirms } = await import("@/lib/jobs/handlers");
  const { SCHEDULES } = await import("@/lib/jobs/schedules");
  const cost = (count: number, work: () => Promise<void>) => costOf(bench, process.pid, count, work);

  const leads = await bench.admin.query<{ id: string }>(
    "SELECT id FROM lead WHERE tenant_id = $1 ORDER BY id DESC LIMIT 220",
    [firm.id],
  );
  for (const [turn, { id }] of leads.rows.entries()) {
    const value = `+1512555${String(1000 + turn)}`;
    await addContact(firm.asUser(), id, {
      kind: "phone",
      value,
      givenBy: "client",
      basis: "person_contacted_firm",
      check: true,
    });
  }
  const pending = await bench.admin.query<{ id: string }>(
    "SELECT id FROM enrichment WHERE tenant_id = $1 AND state = 'pending' ORDER BY id",
    [firm.id],
  );
  const ids = pending.rows.map(({ id }) => id);
  await lookUp(jobCtx(firm.id, "enrichment.lookup"), ids.slice(0, 20));
  const lookUps = await cost(ids.length - 20, async () => {
    for (let at = 20; at < ids.length; at += 50)
      await lookUp(jobCtx(firm.id, "enrichment.lookup"), ids.slice(at, at + 50));
  });

  let sealed = 0;
  const sealing = await cost(1, async () => {
    for (let count = 1; count > 0; sealed += count) count = await sealEvents(jobCtx(firm.id, "seal-events"));
  });
  const each = (value: number) => value / sealed;
  const idle = await Promise.all(Array.from({ length: IDLE_FIRMS }, () => makeFirm()));
  const looking = await cost(IDLE_FIRMS, async () => {
    for (const { id } of idle) await sealEvents(jobCtx(id, "seal-events"));
  });
  const firms = Number((await bench.admin.query("SELECT count(*)::int AS n FROM tenant")).rows[0]?.n);
  const schedules: Record<string, ScheduleCost> = {};
  for (const [name, { cron }] of Object.entries(SCHEDULES)) {
    // What is due is done first; then nothing is.
    await runForAllFirms(name as ScheduleName);
    const { wallMs, ...rest } = await cost(firms, () => runForAllFirms(name as ScheduleName));
    schedules[name] = { ...rest, wallMs, runsADay: runsADay(cron) };
  }
  const events = Number((await bench.admin.query("SELECT count(*)::int AS n FROM event_seal")).rows[0]?.n);
  return {
    schedules,
    eventDiskBytes: (await diskBytes(bench.admin, ["event", "event_seal"])) / events,
    sealLookWallMs: looking.wallMs,
    units: {
      lookUp: unit(lookUps),
      sealLook: unit(looking),
      seal: {
        processMs: each(sealing.processMs),
        databaseMs: each(sealing.databaseMs),
        walBytes: each(sealing.walBytes),
      },
    },
  };
}
