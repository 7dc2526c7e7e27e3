import type { Fault } from "./fault";
import { poolExhausted } from "./postgres/pool-exhausted";
import { postgresKilled } from "./postgres/postgres-killed";
import { restoreDrill } from "./postgres/restore-drill";
import { clockSteps } from "./queue/clock";
import { replyLost } from "./web/reply-lost";
import { webKilled } from "./web/web-killed";
import { workerKilled } from "./worker/killed";

/** Every fault, in the order in which they are played and shown. */
export const FAULTS: readonly Fault[] = [
  webKilled,
  replyLost,
  postgresKilled,
  poolExhausted,
  restoreDrill,
  workerKilled,
  clockSteps,
];
