import { Duration } from "aws-cdk-lib";
import type { IRepository } from "aws-cdk-lib/aws-ecr";
import { Construct } from "constructs";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import { operatorEnvironment } from "./environment";
import {
  mayKeepErasures,
  mayKeepEvidence,
  mayKeepStatements,
  mayPutFirmExports,
  mayReadAuditHeads,
  mayReadSecret,
  mayUseFiles,
} from "./permissions";
import { mayRedriveQueues } from "./queue-permissions";
import { Task } from "./task";

/**
 * The task that a person starts for one command: firms, the audit chains, the keys of fields. Nothing runs it by itself, and nothing else holds all of this: the
 * app's login and the owner's, the settings, the files.
 */
export class Operator extends Construct {
  readonly task: Task;

  constructor(scope: Construct, id: string, props: { shape: Shape; base: BaseStack; images: IRepository }) {
    super(scope, id);
    const { shape, base, images } = props;
    this.task = new Task(this, "Task", {
      repository: images,
      imageTag: shape.imageTag,
      command: "firm",
      name: "operator",
      cpu: 512,
      memoryMiB: 1024,
      environment: operatorEnvironment(shape, base),
      logGroup: logGroupOf(this, "Logs", {
        name: "/arrestra/operator",
        key: base.keys.logs,
        days: sizeOf(shape).logDays,
      }),
      stopTimeout: Duration.seconds(120),
    });
    const role = this.task.definition.taskRole;
    const { settings, database, worker } = base.secrets;
    for (const secret of [settings, database, worker, base.database.ownerSecret])
      mayReadSecret(role, secret, base.keys.secrets);
    mayUseFiles(role, base.buckets.files, base.keys.data);
    mayReadAuditHeads(role, base.buckets.auditHeads, base.keys.data);
    mayKeepEvidence(role, base.buckets.evidence, base.keys.data);
    mayKeepErasures(role, base.buckets.evidence, base.keys.data);
    mayKeepStatements(role, base.buckets.evidence, base.keys.data);
    mayPutFirmExports(role, base.buckets.evidence, base.keys.data);
    if (shape.queue === "sqs") mayRedriveQueues(role, base.queues, base.keys.data);
  }
}
