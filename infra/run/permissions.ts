import { type CfnResource, Stack, Validations } from "aws-cdk-lib";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";

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
 * Lets a role keep files with leads: read them, also the one version that was looked at, put, remove, give links and forms. Nothing else of that bucket, where what
 * firms take along lies too.
 */
export function mayKeepEvidence(role: IRole, evidence: IBucket, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      resources: [partOf(role, evidence, "evidence/*")],
    }),
  );
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ["s3:ListBucket"], resources: [evidence.bucketArn] }));
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
