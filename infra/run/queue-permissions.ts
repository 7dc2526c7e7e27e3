import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Queues } from "../base/queues";
import { mayUseKey } from "./permissions";

/** Lets the job runner carry jobs to the queues, take them from there, and put with the dead letters what no try can mend. What is dead it may not take. */
export function mayWorkQueues(role: IRole, queues: Queues, key: IKey): void {
  const actions = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"];
  mayAsk(role, queues, "queue", [...actions, "sqs:GetQueueAttributes"]);
  mayAsk(role, queues, "dead", ["sqs:SendMessage", "sqs:GetQueueAttributes"]);
  mayUseKey(role, key, "sqs", ["kms:Decrypt", "kms:GenerateDataKey"]);
}

/** Lets an operator see how long the queues are and put dead letters back into them. */
export function mayRedriveQueues(role: IRole, queues: Queues, key: IKey): void {
  mayAsk(role, queues, "queue", ["sqs:SendMessage", "sqs:GetQueueAttributes"]);
  mayAsk(role, queues, "dead", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]);
  mayUseKey(role, key, "sqs", ["kms:Decrypt", "kms:GenerateDataKey"]);
}

function mayAsk(role: IRole, { byJob }: Queues, which: "queue" | "dead", actions: string[]): void {
  const resources = Object.values(byJob).map((each) => each[which].queueArn);
  role.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
}
