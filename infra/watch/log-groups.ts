import { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

/** The log group of one service, sealed and kept for as many days as CloudWatch has a step for. Without it a group is kept for ever. */
export function logGroupOf(scope: Construct, id: string, props: { name: string; key: IKey; days: number }): LogGroup {
  if (!(props.days in RetentionDays)) throw new Error(`CloudWatch Logs keeps no ${props.days} days.`);
  return new LogGroup(scope, id, {
    logGroupName: props.name,
    encryptionKey: props.key,
    retention: props.days as RetentionDays,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
