// Takes one job, says so, and never ends it: `tsx tests/platform/dying-worker.ts postgres|sqs`. Who starts it kills it.

import { requireEnv } from "@/lib/platform/env";
import { startRelay } from "@/lib/platform/sqs-relay";
import { startSqsSource } from "@/lib/platform/sqs-source";
import { ATTEMPTS, postgres, QUEUE } from "./job-ways";

const worker = {
  queue: QUEUE,
  batchSize: 1,
  concurrency: 1,
  attempts: ATTEMPTS,
  timeoutMs: 60_000,
  handle: () => {
    process.stdout.write("taken\n");
    return new Promise<never>(() => undefined);
  },
};
if (process.argv[2] === "postgres") await postgres.start(worker);
else {
  const prefix = requireEnv("SQS_URL_PREFIX");
  await startRelay([worker], { prefix });
  await startSqsSource([worker], { prefix, leaseSeconds: 1, waitSeconds: 1 });
}
