import { Duration } from "aws-cdk-lib";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import { queueAge } from "../watch/metrics";
import { AUDIT_LOG_GROUP, schedulerEnvironment, workerEnvironment } from "./environment";
import { mayMail, mayText } from "./message-permissions";
import { mayKeepAuditHeads, mayKeepEvidence, mayReadSecret, mayStreamAudit, mayUseFiles } from "./permissions";
import { mayWorkQueues } from "./queue-permissions";
import type { ReleaseStack } from "./release-stack";
import { serviceOf } from "./service";
import { Task } from "./task";

export type BackgroundProps = { shape: Shape; base: BaseStack; release: ReleaseStack };

/**
 * The job runner and the scheduler, in both shapes: Amplify runs nothing between two requests. The scheduler asks over HTTP with a token for one
 * call (decision 0030), so no clock of AWS is set up beside it.
 */
export class Background extends Construct {
  readonly worker: FargateService;
  readonly scheduler: FargateService;
  readonly workerLogs: LogGroup;

  constructor(scope: Construct, id: string, { shape, base, release }: BackgroundProps) {
    super(scope, id);
    const size = sizeOf(shape);
    const logs = (name: string) =>
      logGroupOf(this, `${name}Logs`, { name: `/arrestra/${name}`, key: base.keys.logs, days: size.logDays });
    const image = { repository: release.images, imageTag: shape.imageTag };
    const onSpot = shape.size === "small";

    this.workerLogs = logs("worker");
    const worker = new Task(this, "WorkerTask", {
      ...image,
      command: "worker",
      cpu: size.worker.cpu,
      memoryMiB: size.worker.memory,
      environment: workerEnvironment(shape, base),
      logGroup: this.workerLogs,
      stopTimeout: Duration.seconds(120),
    });
    const workerRole = worker.definition.taskRole;
    base.secrets.grantWeb(workerRole);
    mayReadSecret(workerRole, base.secrets.worker, base.keys.secrets);
    mayUseFiles(workerRole, base.buckets.files, base.keys.data);
    mayKeepEvidence(workerRole, base.buckets.evidence, base.keys.data, "look");
    mayMail(workerRole, shape);
    mayText(workerRole, shape);
    mayKeepAuditHeads(workerRole, base.buckets.auditHeads, base.keys.data);
    // As long as the heads, which say that nothing is missing: the lines say what there was.
    const auditLogs = logGroupOf(this, "AuditLogs", {
      name: AUDIT_LOG_GROUP,
      key: base.keys.logs,
      days: size.auditHeads.days,
    });
    mayStreamAudit(workerRole, auditLogs);
    if (shape.queue === "sqs") mayWorkQueues(workerRole, base.queues, base.keys.data);
    this.worker = serviceOf(this, "Worker", {
      cluster: release.cluster,
      task: worker,
      securityGroup: base.network.workerSecurityGroup,
      count: size.worker.min,
      onSpot,
    });
    const scaling = this.worker.autoScaleTaskCount({ minCapacity: size.worker.min, maxCapacity: size.worker.max });
    scaling.scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: 70 });
    // Jobs mostly wait for vendors: they can be late on an idle processor. A minute is twice what a job may wait at a quiet time.
    scaling.scaleToTrackCustomMetric("QueueAge", {
      metric: queueAge(),
      targetValue: 60,
      scaleInCooldown: Duration.minutes(10),
      scaleOutCooldown: Duration.minutes(2),
    });

    const scheduler = new Task(this, "SchedulerTask", {
      ...image,
      command: "scheduler",
      cpu: size.scheduler.cpu,
      memoryMiB: size.scheduler.memory,
      environment: schedulerEnvironment(shape, base),
      logGroup: logs("scheduler"),
      stopTimeout: Duration.seconds(30),
    });
    mayReadSecret(scheduler.definition.taskRole, base.secrets.scheduler, base.keys.secrets);
    this.scheduler = serviceOf(this, "Scheduler", {
      cluster: release.cluster,
      task: scheduler,
      securityGroup: base.network.workerSecurityGroup,
      count: size.scheduler.min,
      onSpot,
    });
  }
}
