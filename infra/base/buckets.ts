import { RemovalPolicy } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Shape } from "../settings";
import type { Keys } from "./keys";

/** The buckets. */
export class Buckets extends Construct {
  /** Access logs of buckets, load balancer and CloudFront. */
  readonly logs: Bucket;
  /** Exports and imports. */
  readonly files: Bucket;
  readonly rawPages: Bucket;
  readonly evidence: Bucket;
  readonly auditHeads: Bucket;
  /** Static files of the builds, for CloudFront. */
  readonly assets: Bucket;

  constructor(scope: Construct, id: string, { keys }: { shape: Shape; keys: Keys }) {
    super(scope, id);
    const closed: BucketProps = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
    };
    this.logs = new Bucket(this, "Logs", { ...closed, encryption: BucketEncryption.S3_MANAGED });
    const sealed = (name: string) =>
      new Bucket(this, name, {
        ...closed,
        encryptionKey: keys.data,
        bucketKeyEnabled: true,
        serverAccessLogsBucket: this.logs,
      });
    this.files = sealed("Files");
    this.rawPages = sealed("RawPages");
    this.evidence = sealed("Evidence");
    this.auditHeads = sealed("AuditHeads");
    this.assets = new Bucket(this, "Assets", { ...closed, encryption: BucketEncryption.S3_MANAGED });
  }
}
