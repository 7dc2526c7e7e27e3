import { startFauxqs } from "fauxqs";
import { PgBoss } from "pg-boss";
import { fillSettings } from "@/lib/platform/env";
import type { JobWorker, Runner } from "@/lib/platform/job-source";
import { startPostgresSource } from "@/lib/platform/postgres-source";
import { addressesOf, sqs as client } from "@/lib/platform/sqs-client";
import { startRelay } from "@/lib/platform/sqs-relay";
import { startSqsSource } from "@/lib/platform/sqs-source";
import { asSuperuser } from "../jobs/superuser";

/** The queue that the promises are asked of, with fewer tries than it has. */
export const QUEUE = "webhook.handle";
export const ATTEMPTS = 2;
/** The queue of which a worker takes a job and dies. */
export const DYING = "booking.look";
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
  /** What failed waits `backOffSeconds` for its next try, or not at all. With SQS rows are carried until the last message was given back. */
  start(worker: JobWorker, backOffSeconds?: number): Promise<Runner>;
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
const ofQueues = `name IN ('${QUEUE}', '${DYING}')`;

export const postgres: Way = {
  name: "postgres",
  async open() {
    choose({ QUEUE: "postgres" });
    await rows(
      `UPDATE pgboss.queue SET retry_limit = ${ATTEMPTS - 1}, retry_delay = 0, retry_backoff = false WHERE ${ofQueues}`,
    );
  },
  close: async () => undefined,
  clear: async () => void (await clearRows()),
  async start(worker, backOffSeconds = 0) {
    await rows(`UPDATE pgboss.queue SET retry_delay = ${backOffSeconds} WHERE ${ofQueues}`);
    return startPostgresSource([worker]);
  },
  dead: () =>
    rows(
      `SELECT data, source_output->>'reason' AS reason FROM pgboss.job WHERE name = '${QUEUE}.dead' ORDER BY created_on`,
    ),
  async passTime() {
    await rows(
      `UPDATE pgboss.job SET started_on = now() - interval '1 hour' WHERE name = '${DYING}' AND state = 'active'`,
    );
    const boss = new PgBoss({ connectionString: process.env.APP_DATABASE_URL ?? "", supervise: false, migrate: false });
    await boss.start();
    await boss.supervise(DYING);
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
const nameOf = (queue: string) => `arrestra-${queue.replace(".", "-")}`;

/** Amazon SQS, played by a server in this process that speaks its protocol. */
export const sqs: Way & { prefix: () => string; server: () => Server } = {
  name: "sqs",
  prefix,
  server: running,
  async open() {
    server = await startFauxqs({ port: 0, logger: false });
    const fifo = { FifoQueue: "true", VisibilityTimeout: "120" };
    // As infra/base/queues.ts makes them.
    for (const name of [QUEUE, DYING].map(nameOf)) {
      const dead = server.createQueue(`${name}-dead.fifo`, { attributes: fifo });
      const policy = { deadLetterTargetArn: dead.queueArn, maxReceiveCount: ATTEMPTS + 3 };
      server.createQueue(`${name}.fifo`, { attributes: { ...fifo, RedrivePolicy: JSON.stringify(policy) } });
    }
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
    const { jobs, dead } = addressesOf(prefix(), QUEUE);
    for (const QueueUrl of [jobs, dead]) await (await client()).purgeQueue({ QueueUrl });
    await clearRows();
  },
  async start(worker, backOffSeconds = 0) {
    const relay = await startRelay([worker], { prefix: prefix(), everyMs: 100 });
    const backOff = { baseSeconds: backOffSeconds, maxSeconds: backOffSeconds };
    const source = await startSqsSource([worker], {
      prefix: prefix(),
      leaseSeconds: LEASE_SECONDS,
      waitSeconds: 1,
      backOff,
    });
    return {
      stop: async (timeoutMs) => {
        await source.stop(timeoutMs);
        await relay.stop(timeoutMs);
      },
    };
  },
  async dead() {
    const { ready = [], inflight = [] } = running().inspectQueue(`${nameOf(QUEUE)}-dead.fifo`)?.messages ?? {};
    return [...ready, ...inflight.map(({ message }) => message)].map(({ body, messageAttributes }) => ({
      data: (JSON.parse(body) as { data: unknown }).data,
      reason: messageAttributes.reason?.StringValue ?? null,
    }));
  },
  // The lease ends by itself: that is the promise.
  passTime: async () => undefined,
};
