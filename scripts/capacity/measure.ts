// What each piece of work costs on this machine: CPU from /proc of the process that does it and of PostgreSQL with all its children, WAL by its position.
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { hashPassword } from "@/lib/domain/auth/password";
import { startSandbox } from "@/sandbox/server";
import { makeFirm } from "@/tests/setup/firms";
import { type House, openHouse } from "../bench/house";
import { cpuSeconds, describeMachine, describeVerdict, treeCpuSeconds, watchMachine } from "../bench/machine";
import { STATE } from "../repository";
import { measureWeb, PASSWORD } from "./measure-web";
import { measureWorker } from "./measure-worker";
import type { Measured, UnitCost } from "./units";

/** How much is done: enough for CPU, which is counted in hundredths of a second, or just so much that everything is done once. */
export const COUNTS = {
  whole: { leads: 5_000, pages: 100, signIns: 20, lookUps: 200, idleFirms: 40, turns: 100, looks: 20, idleSeconds: 15 },
  quick: { leads: 400, pages: 30, signIns: 2, lookUps: 10, idleFirms: 3, turns: 5, looks: 2, idleSeconds: 2 },
} as const;
export type Counts = Record<keyof (typeof COUNTS)["whole"], number>;

export type Cost = UnitCost & { wallMs: number };
/** `say` is told what has been measured and how long that took. */
export type Bench = { house: House; admin: pg.Client; counts: Counts; say: (what: string) => void };

/** Measures every unit of units.ts, of the packed server in that folder or else of this working tree, which is built when a source has changed. */
export async function measure(counts: Counts, server?: string): Promise<Measured> {
  let at = performance.now();
  const say = (what: string) => {
    const now = performance.now();
    console.log(`  ${((now - at) / 1000).toFixed(1).padStart(6)} s  ${what}`);
    at = now;
  };
  const folder = (name: string) => path.join(STATE, "bench", name);
  const sandbox = await startSandbox({ env: "test" });
  const house = await openHouse(server);
  const heads = folder("heads");
  rmSync(heads, { recursive: true, force: true });
  Object.assign(process.env, {
    TWILIO_BASE_URL: `${sandbox.url}/twilio`,
    TWILIO_ACCOUNT_SID: "AC00000000000000000000000000000000",
    TWILIO_API_KEY_SID: "SK00000000000000000000000000000000",
    TWILIO_API_KEY_SECRET: "secret",
    KICKBOX_BASE_URL: `${sandbox.url}/kickbox`,
    KICKBOX_API_KEY: "key",
    AUDIT_SIGNING_KEYS: `bench:${randomBytes(32).toString("base64")}`,
    AUDIT_HEADS_DIR: heads,
    AUDIT_STREAM_DIR: folder("audit-stream"),
    FILES_DIR: folder("files"),
    EVIDENCE_DIR: folder("evidence"),
    LOG_LEVEL: "silent",
  });
  const admin = new pg.Client({ connectionString: house.adminUrl });
  await admin.connect();
  say("built, started and migrated");
  try {
    const sinceStart = watchMachine([process.pid, house.postgresPid]);
    const bench = { house, admin, counts, say };
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
      wallMs: worker.wallMs,
      leadDiskBytes: web.leadDiskBytes,
      eventDiskBytes: worker.eventDiskBytes,
      logBytesPerRequest: web.logBytesPerRequest,
    };
  } finally {
    await admin.end();
    // What asked for jobs; left open, it keeps this process for minutes after the last measurement.
    await (await import("@/lib/platform/queue")).closeQueue();
    await (await import("@/lib/platform/db")).closeDatabase();
    await house.close();
    await sandbox.close();
    say("stopped");
  }
}

/** What a piece of work costs when it is done `count` times; `pid` is the process that does it. */
export async function costOf(
  { house, admin }: Bench,
  pid: number,
  count: number,
  work: () => Promise<unknown>,
): Promise<Cost> {
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

export const unit = ({ processMs, databaseMs, walBytes }: Cost): UnitCost => ({ processMs, databaseMs, walBytes });

/** What these tables take on disk, indexes included. */
export async function diskBytes(admin: pg.Client, tables: readonly string[]): Promise<number> {
  const { rows } = await admin.query(
    "SELECT sum(pg_total_relation_size(t::regclass))::bigint AS n FROM unnest($1::text[]) t",
    [tables],
  );
  return Number(rows[0]?.n);
}
