import { Duration } from "aws-cdk-lib";
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { JOBS, type JobType } from "@/lib/contracts/jobs";
import { sqsNames } from "@/lib/core/queue-names";
import type { Shape } from "../settings";
import type { Keys } from "./keys";

/** A queue with the place for what could not be done. */
export type JobQueue = { queue: Queue; dead: Queue };

/** What the names of all queues begin with. */
const PREFIX = "arrestra-";
/** Who sends and who receives knows them by the same rule (lib/platform/sqs-client.ts). */
export const namesOf = (type: string): { name: string; dead: string } => {
  const { jobs: name, dead } = sqsNames(PREFIX, type);
  return { name, dead };
};

/** What the addresses of the queues begin with (SQS_URL_PREFIX). */
export const queueUrlPrefix = ({ region, account }: Shape): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${PREFIX}`;

/** What a worker may need beyond its time to say that it is done. */
const MARGIN_SECONDS = 60;
/**
 * How often one try of a job is handed out beyond all the tries that its job has: for stops that gave it back, and a database that was away. Tries are counted by the
 * program (lib/platform/sqs-batch.ts); this is for a job that kills its worker each time, so that nobody is left to count.
 */
const BEYOND_TRIES = 3;

/**
 * A queue for each kind of job, with its time. First in, first out within a message group: with the firm as the group, a firm that floods
 * waits behind itself.
 *
 * With queue=postgres nothing uses them, no role may, and a queue that nobody asks costs nothing. With queue=sqs a job is still sent in the transaction that it
 * follows from, into the database (lib/platform/queue.ts); the job runner carries it on to here when it is due (lib/platform/sqs-relay.ts).
 */
export class Queues extends Construct {
  readonly byJob: Readonly<Record<JobType, JobQueue>>;

  constructor(scope: Construct, id: string, { keys }: { keys: Keys }) {
    super(scope, id);
    const common = {
      fifo: true,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: keys.data,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    };
    const pairs = Object.entries(JOBS).map(([type, { attempts, timeoutMs }]) => {
      const part = type.replaceAll(".", "-");
      const names = namesOf(type);
      const dead = new Queue(this, `${part}-dead`, { ...common, queueName: names.dead });
      const queue = new Queue(this, part, {
        ...common,
        queueName: names.name,
        deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
        fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
        visibilityTimeout: Duration.seconds(Math.ceil(timeoutMs / 1000) + MARGIN_SECONDS),
        deadLetterQueue: { queue: dead, maxReceiveCount: attempts + BEYOND_TRIES },
      });
      return [type, { queue, dead }];
    });
    this.byJob = Object.fromEntries(pairs) as Record<JobType, JobQueue>;
  }
}
