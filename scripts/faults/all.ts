import type { Fault } from "./fault";
import { diskFull } from "./postgres/disk-full";
import { poolExhausted } from "./postgres/pool-exhausted";
import { postgresKilled } from "./postgres/postgres-killed";
import { restoreDrill } from "./postgres/restore-drill";
import { clockSteps } from "./queue/clock";
import { poison } from "./queue/poison";
import { workersRace } from "./queue/race";
import { deploy } from "./web/deploy";
import { flood } from "./web/flood";
import { keyRotated } from "./web/key-rotated";
import { replyLost } from "./web/reply-lost";
import { webKilled } from "./web/web-killed";
import { workerFrozen } from "./worker/frozen";
import { workerKilled } from "./worker/killed";
import { workerKilledSqs } from "./worker/killed-sqs";

/** Every fault, in the order in which they are played and shown. */
export const FAULTS: readonly Fault[] = [
  webKilled,
  replyLost,
  keyRotated,
  deploy,
  flood,
  postgresKilled,
  poolExhausted,
  diskFull,
  restoreDrill,
  workerKilled,
  workerKilledSqs,
  workerFrozen,
  workersRace,
  poison,
  clockSteps,
];
