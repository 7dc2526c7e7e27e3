import { Duration } from "aws-cdk-lib";
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { JOBS, type JobType } from "@/lib/contracts/jobs";
import type { Keys } from "./keys";

/** A queue with the place for what could not be done. */
export type JobQueue = { queue: Queue; dead: Queue };

/** What a worker may need beyond its time to say that it is done. */
const MARGIN_SECONDS = 60;

/**
 * A queue for each kind of job, with its tries and its time. First in, first out within a message group: with the firm as the group, a firm that floods
 * waits behind itself.
 *
 * Nothing sends to them: a job is sent in the transaction that it follows from, into the database (lib/platform/queue.ts). They stand ready for a port to SQS,
 * made of the same table of jobs as the runner, and a queue that nobody asks costs nothing. No role may use one.
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
      const name = type.replace(/[^a-z0-9]+/g, "-");
      const dead = new Queue(this, `${name}-dead`, common);
      const queue = new Queue(this, name, {
        ...common,
        deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
        fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
        visibilityTimeout: Duration.seconds(Math.ceil(timeoutMs / 1000) + MARGIN_SECONDS),
        deadLetterQueue: { queue: dead, maxReceiveCount: attempts },
      });
      return [type, { queue, dead }];
    });
    this.byJob = Object.fromEntries(pairs) as Record<JobType, JobQueue>;
  }
}
