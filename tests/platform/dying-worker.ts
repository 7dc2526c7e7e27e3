// Takes one job, says so, and never ends it: `tsx tests/platform/dying-worker.ts postgres|sqs`. Who starts it kills it.

import { requireEnv } from "@/lib/platform/env";
import { startPostgresSource } from "@/lib/platform/postgres-source";
import { startRelay } from "@/lib/platform/sqs-relay";
import { startSqsSource } from "@/lib/platform/sqs-source";
import { ATTEMPTS, DYING } from "./job-ways";

const worker = {
  queue: DYING,
  batchSize: 1,
  concurrency: 1,
  attempts: ATTEMPTS,
  timeoutMs: 60_000,
  handle: () => {
    process.stdout.write("taken\n");
    return new Promise<never>(() => undefined);
  },
};
if (process.argv[2] === "postgres") await startPostgresSource([worker]);
else {
  const prefix = requireEnv("SQS_URL_PREFIX");
  await startRelay([worker], { prefix, everyMs: 100 });
  await startSqsSource([worker], { prefix, leaseSeconds: 1, waitSeconds: 1 });
}
