import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CorsRule,
  HttpMethods,
  type LifecycleRule,
  ObjectLockRetention,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { type Shape, sizeOf } from "../settings";
import type { Keys } from "./keys";

/** An export is fetched within its day, or made again. */
const EXPORT_DAYS = 2;
/**
 * The service removes the file of an import two days after the last thing that was done with it, and the bucket counts from the upload: it ends only what the
 * service did not, long after anybody maps its columns, runs it or takes it back.
 */
const IMPORT_DAYS = 14;
/** What a firm takes along lies in the clear until a person has handed it over. */
const FIRM_EXPORT_DAYS = 14;
/** What was removed from a lead by mistake can be brought back for so long; of a firm that was erased nothing is left after it. */
const REMOVED_EVIDENCE_DAYS = 7;
/**
 * What was sent to be looked at is looked at within minutes and then lies elsewhere; after a weekend without a job runner it must still be there. A form can bring
 * more until it ends, which counts towards nothing that a firm may keep, so no longer than that.
 */
const INCOMING_DAYS = 3;
/** As long as a scraper keeps raw pages for replay. */
const RAW_PAGE_DAYS = 30;
/** What was overwritten or removed is really gone after so long. */
const OLD_VERSION_DAYS = 1;

const CLOSED: BucketProps = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  versioned: true,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: RemovalPolicy.RETAIN,
};

const endsAfter = (days: number, rest: LifecycleRule = {}): LifecycleRule => ({
  expiration: Duration.days(days),
  noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS),
  abortIncompleteMultipartUploadAfter: Duration.days(1),
  ...rest,
});

/** Only the form of an upload crosses origins: a download is a link that is followed. */
const formsFrom = ({ domain }: Shape): CorsRule => ({
  allowedOrigins: [`https://*.${domain}`],
  allowedMethods: [HttpMethods.POST],
  allowedHeaders: ["content-type"],
  maxAge: 600,
});

/** The buckets: all closed to the world and to plain HTTP, all sealed, and each forgetting in its time. */
export class Buckets extends Construct {
  /** Access logs of buckets. */
  readonly logs: Bucket;
  /** Exports and imports; browsers load from it and into it by links that end. */
  readonly files: Bucket;
  readonly rawPages: Bucket;
  /**
   * Files that firms keep with leads, and what has to be shown later, such as a copy of a drill's report. Nothing ends by itself, but for what a firm that leaves
   * takes along.
   */
  readonly evidence: Bucket;
  /** Signed heads of the audit chains: written once, then locked. The newest of as many as there have been; the ones before are kept. */
  readonly auditHeads: Bucket;
  /** Static files of the builds, for CloudFront. */
  readonly assets: Bucket;

  constructor(scope: Construct, id: string, { shape, keys }: { shape: Shape; keys: Keys }) {
    super(scope, id);
    const { logDays, auditHeads } = sizeOf(shape);
    // Amazon's own key and not ours: S3 delivers its logs to no bucket that is sealed with another.
    this.logs = new Bucket(this, "Logs", {
      ...CLOSED,
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [endsAfter(logDays)],
    });
    Validations.of(this.logs).acknowledge({
      id: "AwsSolutions-S1",
      reason: "It is where access logs go: logging itself, it would never end.",
    });
    const sealed = (name: string, props: BucketProps = {}) =>
      new Bucket(this, name, {
        ...CLOSED,
        encryption: BucketEncryption.KMS,
        encryptionKey: keys.data,
        bucketKeyEnabled: true,
        serverAccessLogsBucket: this.logs,
        serverAccessLogsPrefix: `s3/${name}/`,
        ...props,
      });

    this.files = sealed("Files", {
      lifecycleRules: [endsAfter(EXPORT_DAYS, { prefix: "exports/" }), endsAfter(IMPORT_DAYS, { prefix: "imports/" })],
      cors: [formsFrom(shape)],
    });
    this.rawPages = sealed("RawPages", { lifecycleRules: [endsAfter(RAW_PAGE_DAYS)] });
    this.evidence = sealed("Evidence", {
      // A key for the whole bucket knows no firm: each file asks KMS by itself, with its firm in the context.
      bucketKeyEnabled: false,
      cors: [formsFrom(shape)],
      lifecycleRules: [
        { prefix: "evidence/", noncurrentVersionExpiration: Duration.days(REMOVED_EVIDENCE_DAYS) },
        endsAfter(INCOMING_DAYS, { prefix: "incoming/" }),
        endsAfter(FIRM_EXPORT_DAYS, { prefix: "firm-exports/" }),
        {
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    // What a restore is held against must stay as it was put.
    this.#writtenOnce(this.evidence, "erasures/*", "restore-statements/*");
    const locked = Duration.days(auditHeads.days);
    const headsIn = (name: string): Bucket => {
      const heads = sealed(name, {
        objectLockEnabled: true,
        objectLockDefaultRetention:
          auditHeads.mode === "COMPLIANCE"
            ? ObjectLockRetention.compliance(locked)
            : ObjectLockRetention.governance(locked),
      });
      this.#writtenOnce(heads, "*");
      return heads;
    };
    this.auditHeads = headsIn("AuditHeads");
    for (let count = 2; count <= shape.auditHeadsBuckets; count += 1) this.auditHeads = headsIn(`AuditHeads${count}`);
    // Public to begin with: what every visitor's browser loads. With a key of ours CloudFront would need a right on that key.
    this.assets = sealed("Assets", {
      encryption: BucketEncryption.S3_MANAGED,
      encryptionKey: undefined,
      bucketKeyEnabled: undefined,
      // A page of an older build may still be open; its files stay until the build is long gone.
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
  }

  /**
   * A lock and versions keep what was there, and would let a newer one be put over it, which is the one that is read. Whoever puts something has to say that it goes where nothing
   * lies, and S3 then refuses it where something does. Parts of a long upload carry no such word: nobody needs one here, so none is begun.
   */
  #writtenOnce(bucket: Bucket, ...names: string[]): void {
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: "WrittenOnce",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["s3:PutObject"],
        resources: names.map((each) => bucket.arnForObjects(each)),
        conditions: { Null: { "s3:if-none-match": "true" } },
      }),
    );
  }
}
