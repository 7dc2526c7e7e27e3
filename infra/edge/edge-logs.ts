import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { type Shape, sizeOf } from "../settings";

/**
 * The bucket of the logs of CloudFront and of its firewall. A bucket of its own: it is in the region of the edge, and the firewall writes only where the
 * name begins with aws-waf-logs-.
 */
export function edgeLogs(scope: Construct, shape: Shape): Bucket {
  const bucket = new Bucket(scope, "Logs", {
    bucketName: `aws-waf-logs-arrestra-${shape.account}`,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ expiration: Duration.days(sizeOf(shape).logDays) }],
  });
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason: "Here lie logs alone; the log of their readers would lie here too, and log itself.",
  });
  const writer = new ServicePrincipal("delivery.logs.amazonaws.com");
  const fromHere = { StringEquals: { "aws:SourceAccount": shape.account } };
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [writer],
      actions: ["s3:PutObject"],
      resources: [bucket.arnForObjects(`AWSLogs/${shape.account}/*`)],
      conditions: fromHere,
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [writer],
      actions: ["s3:GetBucketAcl"],
      resources: [bucket.bucketArn],
      conditions: fromHere,
    }),
  );
  return bucket;
}
