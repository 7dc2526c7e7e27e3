import { type CfnResource, Stack, Validations } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";

// The CDK's own grants say s3:GetObject*, s3:List*, kms:GenerateDataKey*. These say what is called, by name. Queues and messages have files of their own.

/** Lets a role use a key for what one service of AWS has sealed with it, and for nothing else. */
export function mayUseKey(role: IRole, key: IKey, service: "s3" | "secretsmanager" | "sqs", actions: string[]): void {
  const kms = { "kms:ViaService": `${service}.${Stack.of(role).region}.amazonaws.com` };
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions, resources: [key.keyArn], conditions: { StringEquals: kms } }),
  );
}

const mayUseKeyForFiles = (role: IRole, key: IKey): void =>
  mayUseKey(role, key, "s3", ["kms:Decrypt", "kms:GenerateDataKey"]);

/** Lets a role read the value of one secret, and use its key for that alone. */
export function mayReadSecret(role: IRole, secret: ISecret, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ["secretsmanager:GetSecretValue"], resources: [secret.secretArn] }),
  );
  mayUseKey(role, key, "secretsmanager", ["kms:Decrypt"]);
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

/** Lets a role list what lies below these names, and see of a name there that it is not taken. */
const mayList = (role: IRole, bucket: IBucket, ...names: string[]): void => {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["s3:ListBucket"],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { "s3:prefix": names } },
    }),
  );
};

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
  mayList(role, evidence, "evidence/*", "incoming/*");
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

/** Lets a role put certificates of people who were erased, list them and read them again, after a restore. It may never remove one, and the bucket lets none be put over another. */
export function mayKeepErasures(role: IRole, evidence: IBucket, key: IKey): void {
  mayGetAndPut(role, evidence, "erasures/*", key);
  mayList(role, evidence, "erasures/*");
}

/** Lets a role put what a restored database is held against, and read it again; removed and put over by nobody. Its name is told, so none is listed. */
export const mayKeepStatements = (role: IRole, evidence: IBucket, key: IKey): void =>
  mayGetAndPut(role, evidence, "restore-statements/*", key);

function mayGetAndPut(role: IRole, bucket: IBucket, part: string, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ["s3:GetObject", "s3:PutObject"], resources: [partOf(role, bucket, part)] }),
  );
  mayUseKeyForFiles(role, key);
}
