import { startFauxqs } from "fauxqs";
import { PgBoss } from "pg-boss";
import { fillSettings } from "@/lib/platform/env";
import type { JobWorker, Runner } from "@/lib/platform/job-source";
import { startPostgresSource } from "@/lib/platform/postgres-source";
import { startRelay } from "@/lib/platform/sqs-relay";
import { startSqsSource } from "@/lib/platform/sqs-source";
import { asSuperuser } from "../jobs/superuser";

/** The queue that the promises are asked of, with fewer tries than it has. */
export const QUEUE = "webhook.handle";
export const ATTEMPTS = 2;
/** How long a worker that died keeps its jobs, where a test says so and not the clock. */
const LEASE_SECONDS = 1;

/** One way from a row to a worker. */
export type Way = {
  name: "postgres" | "sqs";
  /** Once, before anything else. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** Empties every queue. */
  clear(): Promise<void>;
  start(worker: JobWorker): Promise<Runner>;
  dead(): Promise<{ data: unknown; reason: unknown }[]>;
  /** What heals a worker that died: its time passes. */
  passTime(): Promise<void>;
};

/** Makes the settings of this process say which way: they are read anew. */
function choose(settings: Record<string, string>): void {
  Object.assign(process.env, settings);
  fillSettings({});
}

const rows = <T extends object>(sql: string): Promise<T[]> =>
  asSuperuser(async (client) => (await client.query<T>(sql)).rows);
const clearRows = () => rows(`DELETE FROM pgboss.job WHERE name LIKE '${QUEUE}%'`);

export const postgres: Way = {
  name: "postgres",
  async open() {
    choose({ QUEUE: "postgres" });
    await rows(
      `UPDATE pgboss.queue SET retry_limit = ${ATTEMPTS - 1}, retry_delay = 0, retry_backoff = false WHERE name = '${QUEUE}'`,
    );
  },
  close: async () => undefined,
  clear: async () => void (await clearRows()),
  start: (worker) => startPostgresSource([worker]),
  dead: () =>
    rows(
      `SELECT data, source_output->>'reason' AS reason FROM pgboss.job WHERE name = '${QUEUE}.dead' ORDER BY created_on`,
    ),
  async passTime() {
    await rows(
      `UPDATE pgboss.job SET started_on = now() - interval '1 hour' WHERE name = '${QUEUE}' AND state = 'active'`,
    );
    const boss = new PgBoss({ connectionString: process.env.APP_DATABASE_URL ?? "", supervise: false, migrate: false });
    await boss.start();
    await boss.supervise(QUEUE);
    await boss.stop({ graceful: false });
  },
};

type Server = Awaited<ReturnType<typeof startFauxqs>>;
let server: Server | undefined;
const running = (): Server => {
  if (!server) throw new Error("the server of SQS was not started");
  return server;
};
const prefix = () => `${running().address}/000000000000/arrestra-`;
const NAME = `arrestra-${QUEUE.replace(".", "-")}`;

/** Amazon SQS, played by a server in this process that speaks its protocol. */
export const sqs: Way & { prefix: () => string; server: () => Server } = {
  name: "sqs",
  prefix,
  server: running,
  async open() {
    server = await startFauxqs({ port: 0, logger: false });
    const fifo = { FifoQueue: "true", VisibilityTimeout: "120" };
    const dead = server.createQueue(`${NAME}-dead.fifo`, { attributes: fifo });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: ATTEMPTS });
    server.createQueue(`${NAME}.fifo`, { attributes: { ...fifo, RedrivePolicy } });
    choose({
      QUEUE: "sqs",
      SQS_URL_PREFIX: prefix(),
      AWS_ENDPOINT_URL_SQS: server.address,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "not-a-key",
    });
  },
  async close() {
    await server?.stop();
    choose({ QUEUE: "postgres" });
  },
  async clear() {
    server?.reset();
    await clearRows();
  },
  async start(worker) {
    const relay = await startRelay([worker], { prefix: prefix() });
    const backOff = { baseSeconds: 0, maxSeconds: 0 };
    const source = await startSqsSource([worker], {
      prefix: prefix(),
      leaseSeconds: LEASE_SECONDS,
      waitSeconds: 1,
      backOff,
    });
    return {
      stop: async (timeoutMs) => {
        await Promise.all([relay.stop(timeoutMs), source.stop(timeoutMs)]);
      },
    };
  },
  async dead() {
    const { ready = [], inflight = [] } = running().inspectQueue(`${NAME}-dead.fifo`)?.messages ?? {};
    return [...ready, ...inflight.map(({ message }) => message)].map(({ body, messageAttributes }) => ({
      data: (JSON.parse(body) as { data: unknown }).data,
      reason: messageAttributes.reason?.StringValue ?? null,
    }));
  },
  // The lease ends by itself: that is the promise.
  passTime: async () => undefined,
};
