import { Duration } from "aws-cdk-lib";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { JOBS, type JobType } from "@/lib/contracts/jobs";
import type { Keys } from "./keys";

/** A queue with the place for what could not be done. */
export type JobQueue = { queue: Queue; dead: Queue };

/** A queue for each kind of job. */
export class Queues extends Construct {
  readonly byJob: Record<JobType, JobQueue>;

  constructor(scope: Construct, id: string, { keys }: { keys: Keys }) {
    super(scope, id);
    const pairs = Object.entries(JOBS).map(([type, { attempts, timeoutMs }]) => {
      const name = type.replace(/[^a-z]+/g, "-");
      const common = { fifo: true, encryptionMasterKey: keys.data, enforceSSL: true };
      const dead = new Queue(this, `${name}-dead`, { ...common, retentionPeriod: Duration.days(14) });
      const queue = new Queue(this, name, {
        ...common,
        visibilityTimeout: Duration.seconds(Math.ceil(timeoutMs / 1000) + 60),
        deadLetterQueue: { queue: dead, maxReceiveCount: attempts },
      });
      return [type, { queue, dead }];
    });
    this.byJob = Object.fromEntries(pairs) as Record<JobType, JobQueue>;
  }
}
