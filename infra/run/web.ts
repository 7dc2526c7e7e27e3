import { Duration } from "aws-cdk-lib";
import { SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import { Construct } from "constructs";
import { WEB_PORT } from "../base/network";
import type { BaseStack } from "../base-stack";
import { type EcsShape, sizeOf } from "../settings";
import { logGroupOf } from "../watch/log-groups";
import type { Balancer } from "./balancer";
import { webEnvironment } from "./environment";
import { mayText } from "./message-permissions";
import { mayKeepEvidence, mayUseFiles } from "./permissions";
import type { ReleaseStack } from "./release-stack";
import { serviceOf } from "./service";
import { Task } from "./task";

export type WebProps = { shape: EcsShape; base: BaseStack; release: ReleaseStack; balancer: Balancer };

/** The web server in containers, behind the load balancer. */
export class Web extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, { shape, base, release, balancer }: WebProps) {
    super(scope, id);
    const size = sizeOf(shape);
    const task = new Task(this, "Task", {
      repository: release.images,
      imageTag: shape.imageTag,
      command: "web",
      cpu: size.web.cpu,
      memoryMiB: size.web.memory,
      environment: webEnvironment(shape, base),
      logGroup: logGroupOf(this, "Logs", { name: "/arrestra/web", key: base.keys.logs, days: size.logDays }),
      // Longer than the load balancer drains.
      stopTimeout: Duration.seconds(60),
      portMappings: [{ containerPort: WEB_PORT }],
    });
    const role = task.definition.taskRole;
    base.secrets.grantWeb(role);
    mayUseFiles(role, base.buckets.files, base.keys.data);
    // The code that confirms a phone.
    mayText(role, shape);
    mayKeepEvidence(role, base.buckets.evidence, base.keys.data, "send");
    const group = SecurityGroup.fromSecurityGroupId(this, "Group", base.network.webSecurityGroup.securityGroupId, {
      mutable: false,
    });
    this.service = serviceOf(this, "Service", {
      cluster: release.cluster,
      task,
      securityGroup: group,
      count: size.web.min,
      graceSeconds: 60,
    });
    this.service.attachToApplicationTargetGroup(balancer.targets);
    this.service.node.addDependency(balancer.listener);
    this.service
      .autoScaleTaskCount({ minCapacity: size.web.min, maxCapacity: size.web.max })
      .scaleOnCpuUtilization("Cpu", {
        targetUtilizationPercent: 55,
        scaleOutCooldown: Duration.seconds(60),
        scaleInCooldown: Duration.minutes(5),
      });
  }
}
