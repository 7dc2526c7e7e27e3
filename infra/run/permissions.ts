import { type CfnResource, Stack, Validations } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Queues } from "../base/queues";
import type { Shape } from "../settings";

// The CDK's own grants say s3:GetObject*, s3:List*, kms:GenerateDataKey*. These say what is called, by name.

/** Lets a role read the value of one secret, and use its key for that alone. */
export function mayReadSecret(role: IRole, secret: ISecret, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: [secret.secretArn] }),
  );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["kms:Decrypt"],
      resources: [key.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `secretsmanager.${Stack.of(role).region}.amazonaws.com` } },
    }),
  );
}

function mayUseKeyForFiles(role: IRole, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [key.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `s3.${Stack.of(role).region}.amazonaws.com` } },
    }),
  );
}

/** A part of a bucket, by the beginning of its names: the names below it are made while we run. */
function partOf(role: IRole, bucket: IBucket, names: string): string {
  const { node } = bucket;
  const logicalId = Stack.of(bucket).getLogicalId(node.defaultChild as CfnResource);
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${names}]`,
    reason: "Files below this are named while the service runs, so no policy can list them; the actions on them are.",
  });
  return bucket.arnForObjects(names);
}

/**
 * Lets a role keep exports and imports: read, write, remove; and give links to them, which can do no more than who signed them. Without the right to list, S3 says
 * of a file that is not there that it is forbidden.
 */
export function mayUseFiles(role: IRole, files: IBucket, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      resources: [partOf(role, files, "exports/*"), partOf(role, files, "imports/*")],
    }),
  );
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ["s3:ListBucket"], resources: [files.bucketArn] }));
  mayUseKeyForFiles(role, key);
}

/**
 * Lets a role read files of leads, also the one version that was looked at, give links and remove them; what only one role does is `also`: `send` gives forms, which
 * reach what was not looked at alone, and `look` puts what was. Nothing else of that bucket, where what firms take along lies too.
 */
export function mayKeepEvidence(role: IRole, evidence: IBucket, key: IKey, also?: "send" | "look"): void {
  const [kept, incoming] = [partOf(role, evidence, "evidence/*"), partOf(role, evidence, "incoming/*")];
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject"],
      resources: [kept, incoming],
    }),
  );
  if (also === "send")
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ["s3:PutObject"], resources: [incoming] }));
  if (also === "look")
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["s3:PutObject", "s3:AbortMultipartUpload"], resources: [kept] }),
    );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["s3:ListBucket"],
      resources: [evidence.bucketArn],
      conditions: { StringLike: { "s3:prefix": ["evidence/*", "incoming/*"] } },
    }),
  );
  mayUseKeyForFiles(role, key);
}

/** Lets a role put sealed raw pages and read them again. It may never remove one: the bucket forgets them. */
export function mayKeepRawPages(role: IRole, rawPages: IBucket, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [partOf(role, rawPages, "pages/*")] }),
  );
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ["s3:ListBucket"], resources: [rawPages.bucketArn] }));
  mayUseKeyForFiles(role, key);
}

/** Lets a role put heads of the audit chains and read them again. It may never remove one. */
export function mayKeepAuditHeads(role: IRole, heads: IBucket, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [partOf(role, heads, "*")] }),
  );
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ["s3:ListBucket"], resources: [heads.bucketArn] }));
  mayUseKeyForFiles(role, key);
}

/** Lets a role add lines to the log group of the audit trails. It may read none of them, remove none, and make no group. */
export function mayStreamAudit(role: IRole, group: ILogGroup): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [group.logGroupArn] }),
  );
}

/** Lets a role read the heads, and put none. */
export function mayReadAuditHeads(role: IRole, heads: IBucket, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ["s3:GetObject"], resources: [partOf(role, heads, "heads/*")] }),
  );
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ["s3:ListBucket"], resources: [heads.bucketArn] }));
  mayUseKeyForFiles(role, key);
}

/** Lets a role put what a firm takes along, and neither read nor remove what was put. */
export function mayPutFirmExports(role: IRole, evidence: IBucket, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: [partOf(role, evidence, "firm-exports/*")],
    }),
  );
  mayUseKeyForFiles(role, key);
}

/** Lets a role put certificates of people who were erased and read them again, after a restore. It may never remove one, and the bucket lets none be put over another. */
export function mayKeepErasures(role: IRole, evidence: IBucket, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["s3:GetObject", "s3:PutObject"],
      resources: [partOf(role, evidence, "erasures/*")],
    }),
  );
  mayUseKeyForFiles(role, key);
}

/** Lets the job runner carry jobs to the queues, take them from there, and put with the dead letters what no try can mend. What is dead it may not take. */
export function mayWorkQueues(role: IRole, queues: Queues, key: IKey): void {
  const actions = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"];
  mayAsk(role, queues, "queue", [...actions, "sqs:GetQueueAttributes"]);
  mayAsk(role, queues, "dead", ["sqs:SendMessage", "sqs:GetQueueAttributes"]);
  mayUseKeyForQueues(role, key);
}

/** Lets an operator see how long the queues are and put dead letters back into them. */
export function mayRedriveQueues(role: IRole, queues: Queues, key: IKey): void {
  mayAsk(role, queues, "queue", ["sqs:SendMessage", "sqs:GetQueueAttributes"]);
  mayAsk(role, queues, "dead", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]);
  mayUseKeyForQueues(role, key);
}

function mayAsk(role: IRole, { byJob }: Queues, which: "queue" | "dead", actions: string[]): void {
  const resources = Object.values(byJob).map((each) => each[which].queueArn);
  role.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
}

function mayUseKeyForQueues(role: IRole, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [key.keyArn],
      conditions: { StringEquals: { "kms:ViaService": `sqs.${Stack.of(role).region}.amazonaws.com` } },
    }),
  );
}

/** Lets a role mail as the address that alerts come from, and as no other of the domain. */
export function mayMail(role: IRole, { mailFrom, domain }: Shape): void {
  if (!mailFrom) return;
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["ses:SendEmail"],
      resources: [Stack.of(role).formatArn({ service: "ses", resource: "identity", resourceName: domain })],
      conditions: { StringEquals: { "ses:FromAddress": mailFrom } },
    }),
  );
}

/** Lets a role text phones. A phone has no ARN, so this is said of everything; every topic, which has one, is denied beside it. */
export function mayText(role: IRole, { mailFrom }: Shape): void {
  if (!mailFrom) return;
  const topics = Stack.of(role).formatArn({ service: "sns", region: "*", account: "*", resource: "*" });
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ["sns:Publish"], resources: ["*"] }));
  role.addToPrincipalPolicy(
    new PolicyStatement({ effect: Effect.DENY, actions: ["sns:Publish"], resources: [topics] }),
  );
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason:
      "A phone number is no resource of AWS: publishing to one can only be allowed for everything. Topics are denied.",
  });
}
