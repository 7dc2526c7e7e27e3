import { Duration } from "aws-cdk-lib";
import { type ISecurityGroup, SubnetType } from "aws-cdk-lib/aws-ec2";
import { type Cluster, FargateService, PropagatedTagSource } from "aws-cdk-lib/aws-ecs";
import type { Construct } from "constructs";
import type { Task } from "./task";

export type ServiceProps = {
  cluster: Cluster;
  task: Task;
  securityGroup: ISecurityGroup;
  count: number;
  /** Half of Fargate's price or less, and stopped at two minutes' notice: for what may be killed at any time. */
  onSpot?: boolean;
  /** How long the load balancer's opinion of a new task is not asked for. */
  graceSeconds?: number;
};

/** A service in private subnets: a new build replaces the old one only when it is healthy, and the old one comes back when it never is. */
export function serviceOf(scope: Construct, id: string, props: ServiceProps): FargateService {
  return new FargateService(scope, id, {
    cluster: props.cluster,
    taskDefinition: props.task.definition,
    desiredCount: props.count,
    assignPublicIp: false,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [props.securityGroup],
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { enable: true, rollback: true },
    capacityProviderStrategies: [{ capacityProvider: props.onSpot ? "FARGATE_SPOT" : "FARGATE", weight: 1 }],
    enableECSManagedTags: true,
    propagateTags: PropagatedTagSource.SERVICE,
    // No shell in a running container.
    enableExecuteCommand: false,
    ...(props.graceSeconds ? { healthCheckGracePeriod: Duration.seconds(props.graceSeconds) } : {}),
  });
}
