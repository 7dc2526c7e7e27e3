// The house that faults are played on: a PostgreSQL for them alone (it is killed), the packed web server, workers, the sandbox.
import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { type AppOptions, startApp, startScript, type TestApp, type TestProcess } from "@/tests/setup/app";
import { environmentFor } from "@/tests/setup/database";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { until } from "@/tests/setup/http";
import { bootstrapDatabase, type DatabaseUrls, databaseUrls, withClient } from "../bootstrap-database";
import { ensureBuild } from "../build";
import { migrate } from "../migrate";
import { STATE } from "../repository";
import { standIns } from "../start/services";
import { type FaultPostgres, startFaultPostgres } from "./fault-postgres";
import { type Program, packedProgram, packPrograms } from "./programs";

const TEMPLATE = "faults_template";
/** Several start at once, beside servers that are at work. */
const READY_MS = 120_000;

/** A database of one's own, migrated, with one firm in it. `adminUrl` is the superuser's. */
export type HouseDatabase = DatabaseUrls & { name: string; adminUrl: string; firm: TestFirm };

type WebSettings = Omit<AppOptions, "database"> & { folder?: string };
type WorkerSettings = { env?: Record<string, string>; sandboxUrl?: string };

/** What one play of a fault may use. Whatever it started is ended when it is over, however it ended. */
export type House = {
  postgres: FaultPostgres;
  /** The folder of the packed web server. */
  build: string;
  /** Makes a database, and makes it that of this process too: `makeFirm`, `asOwner` and verbs then work on it. */
  database: (from?: FaultPostgres) => Promise<HouseDatabase>;
  web: (database: DatabaseUrls, settings?: WebSettings) => Promise<TestApp>;
  /** Starts `workers/run-jobs.ts` and waits until it is ready. */
  worker: (database: DatabaseUrls, settings?: WorkerSettings) => Promise<TestProcess>;
  /** Any other process of ours, given with the path of its source; resolves at once. */
  script: (file: Program, database: DatabaseUrls, settings?: WorkerSettings & { args?: string[] }) => TestProcess;
  sandbox: () => Promise<import("@/sandbox/server").Sandbox>;
  /** Another PostgreSQL beside the one of the house, with settings or a place of its own. */
  ownPostgres: (folder: string, settings?: Record<string, string | number>) => Promise<FaultPostgres>;
  /** An empty folder that goes away with the play. */
  folder: () => string;
  say: (line: string) => void;
  /** Is done when the play is over, last one first. */
  afterwards: (work: () => Promise<unknown>) => void;
};

/** Keeps the house from one play to the next. */
export type HouseKeeper = {
  open: (say: (line: string) => void) => { house: House; leave: () => Promise<void> };
  describePostgres: () => Promise<string>;
  close: () => Promise<void>;
};

/** Places that every play shares: settings are read once in this process, however many databases it sees. */
const PLACES = {
  AUDIT_HEADS_DIR: path.join(STATE, "faults-heads"),
  FILES_DIR: path.join(STATE, "faults-files"),
  EVIDENCE_DIR: path.join(STATE, "faults-evidence"),
  AUDIT_STREAM_DIR: path.join(STATE, "faults-stream"),
};

/** The secrets and addresses of this process, whose secrets every process that it starts shares. What fails on purpose is not to fill the terminal. */
function setEnvironment(urls: DatabaseUrls): void {
  Object.assign(process.env, environmentFor(urls), PLACES, { DATABASE_URL: urls.ownerUrl, LOG_LEVEL: "silent" });
}

const sharedPasswords = () => {
  const secret = () => randomBytes(12).toString("hex");
  return { owner: secret(), app: secret(), platform: secret() };
};

/** Makes the migrated database that those of the plays are copied from. */
async function prepare(postgres: FaultPostgres): Promise<void> {
  const urls = await bootstrapDatabase(postgres, TEMPLATE, postgres.passwords);
  setEnvironment(urls);
  await migrate({ databaseUrl: urls.ownerUrl });
}

async function makeDatabase(postgres: FaultPostgres): Promise<HouseDatabase> {
  await closeOurConnections();
  const name = `fault_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  await withClient(postgres.adminUrl(), async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY WAL_LOG OWNER arrestra_owner`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO arrestra_owner, arrestra_app, arrestra_platform`);
  });
  const urls = databaseUrls(postgres, name, postgres.passwords);
  setEnvironment(urls);
  return { ...urls, name, adminUrl: postgres.adminUrl(name), firm: await makeFirm() };
}

async function closeOurConnections(): Promise<void> {
  await closeQueue();
  await closeDatabase();
}

/** Builds when a source has changed (unless `server` names a build) and starts what all plays share. */
export async function startHouse({ server }: { server?: string } = {}): Promise<HouseKeeper> {
  const build = server ? path.resolve(server) : (await ensureBuild()).folder;
  const programs = await packPrograms();
  const postgres = await startFaultPostgres(path.join(STATE, "faults"), sharedPasswords());
  try {
    await prepare(postgres);
  } catch (error) {
    await postgres.remove();
    throw error;
  }
  let leaveNow = async (): Promise<void> => {};
  let isClosing = false;
  const open: HouseKeeper["open"] = (say) => {
    const works: (() => Promise<unknown>)[] = [];
    const afterwards: House["afterwards"] = (work) => void works.unshift(work);
    const ending = <T extends TestProcess>(started: T): T => {
      afterwards(() => started.kill9());
      return started;
    };
    const script: House["script"] = (file, database, { env = {}, sandboxUrl, args = [] } = {}) =>
      ending(
        startScript(
          packedProgram(file),
          {
            ...environmentFor(database),
            ...PLACES,
            LOG_LEVEL: "info",
            ...(sandboxUrl ? standIns(sandboxUrl) : {}),
            ...env,
          },
          args,
        ),
      );
    const house: House = {
      postgres,
      build,
      say,
      afterwards,
      script,
      database: async (from = postgres) => {
        const made = await makeDatabase(from);
        if (from === postgres)
          afterwards(() =>
            withClient(postgres.adminUrl(), (client) => client.query(`DROP DATABASE ${made.name} WITH (FORCE)`)),
          );
        return made;
      },
      web: async (database, { env, ...settings } = {}) =>
        ending(await startApp({ database, folder: build, env: { ...PLACES, ...env }, ...settings })),
      worker: async (database, settings = {}) => {
        const worker = script("workers/run-jobs.ts", database, settings);
        await until("the worker is ready", () => worker.logs().includes('"event":"ready"'), READY_MS);
        return worker;
      },
      sandbox: async () => {
        const { startSandbox } = await import("@/sandbox/server");
        const sandbox = await startSandbox({ env: "test" });
        afterwards(() => sandbox.close());
        return sandbox;
      },
      ownPostgres: async (folder, settings) => {
        const own = await startFaultPostgres(folder, sharedPasswords(), settings);
        afterwards(() => own.remove());
        await prepare(own);
        return own;
      },
      folder: () => {
        const folder = path.join(tmpdir(), `arrestra-faults-${randomUUID()}`);
        mkdirSync(folder);
        afterwards(() => rm(folder, { recursive: true, force: true }));
        return folder;
      },
    };
    const leave = async () => {
      // A play that ran out of time may have left it killed. Once the house is closed, nothing of it is needed.
      if (!isClosing) await postgres.start();
      await closeOurConnections().catch(() => undefined);
      for (const work of works.splice(0)) await work().catch((error: unknown) => say(`not tidied up: ${error}`));
    };
    leaveNow = leave;
    return { house, leave };
  };
  return {
    open,
    describePostgres: () =>
      withClient(postgres.adminUrl(), async (client) => {
        const { rows } = await client.query<{ version: string; fsync: string; commit: string }>(
          "SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit",
        );
        return `PostgreSQL ${rows[0]?.version}, fsync ${rows[0]?.fsync}, synchronous_commit ${rows[0]?.commit}`;
      }),
    close: async () => {
      isClosing = true;
      // Somebody may have stopped us in the middle of a play.
      await leaveNow();
      await postgres.remove();
      for (const place of [...Object.values(PLACES), programs]) await rm(place, { recursive: true, force: true });
    },
  };
}
