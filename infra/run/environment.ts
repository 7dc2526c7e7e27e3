import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import { WEB_PORT } from "../base/network";
import { queueUrlPrefix } from "../base/queues";
import type { BaseStack } from "../base-stack";
import { type Shape, sizeOf } from "../settings";

/** Where the scrapers' file system is mounted: Lambda allows /mnt alone. */
export const SCRAPER_MOUNT = "/mnt/state";

/** Where the job runner writes sealed events once more. */
export const AUDIT_LOG_GROUP = "/arrestra/audit";

const everywhere = ({ domain }: Shape) => ({
  ARRESTRA_ENV: "production",
  APP_BASE_URL: `https://${domain}`,
  LOG_LEVEL: "info",
});

// Names and numbers only. What is secret is read from the named secrets at run time, by the role of the process.

/** The settings of the web server in a container: CloudFront and the load balancer stand in front of it. */
export const webEnvironment = (shape: Shape, base: BaseStack) => ({
  ...everywhere(shape),
  ...secretsOf(base),
  FILES_BUCKET: base.buckets.files.bucketName,
  ...evidenceOf(base),
  ...alertsOf(shape),
  ...tracesOf(shape),
  APP_DATABASE_POOL: poolOf(shape),
  TRUSTED_PROXY_HOPS: "2",
  PORT: String(WEB_PORT),
  // Longer than the load balancer keeps a connection: whoever closes first must not be us, or a request under way is lost.
  KEEP_ALIVE_TIMEOUT: "65000",
  // How long it serves on after it was told to end, while the load balancer hears of it: less than the balancer drains (DRAIN_SECONDS).
  DRAIN_MS: "15000",
});

/**
 * The settings of the web server at Amplify. Its builds write those that amplify.yml names into the artifact, which is why none may be secret.
 * One proxy, Amplify's CloudFront: too few would at worst count visitors of one edge together, too many would believe what a visitor wrote. AWS documents no
 * number; the first deployment shows it in the addresses of sign-ins.
 */
export const amplifyEnvironment = (shape: Shape, base: BaseStack) => ({
  ...everywhere(shape),
  ...secretsOf(base),
  FILES_BUCKET: base.buckets.files.bucketName,
  ...evidenceOf(base),
  ...alertsOf(shape),
  ...tracesOf(shape),
  REPLY_LIMIT_BYTES: "5000000",
  // As many processes as Amplify starts, a number that nobody can set: each takes little of what a managed Postgres allows.
  APP_DATABASE_POOL: "3",
  TRUSTED_HOST_HEADER: "host",
  TRUSTED_PROXY_HOPS: "1",
});

/** The settings of the job runner, which alone signs heads of audit chains. */
export const workerEnvironment = (shape: Shape, base: BaseStack) => ({ ...ofJobs(shape, base), ...tracesOf(shape) });

const ofJobs = (shape: Shape, base: BaseStack) => ({
  ...everywhere(shape),
  SECRETS_ARN: `${secretsOf(base).SECRETS_ARN},${base.secrets.worker.secretArn}`,
  FILES_BUCKET: base.buckets.files.bucketName,
  ...evidenceOf(base),
  ...alertsOf(shape),
  APP_DATABASE_POOL: poolOf(shape),
  AUDIT_HEADS_BUCKET: base.buckets.auditHeads.bucketName,
  AUDIT_LOG_GROUP,
  ...(shape.queue === "sqs" ? { QUEUE: shape.queue, SQS_URL_PREFIX: queueUrlPrefix(shape) } : {}),
});

/** The settings of the scheduler: an address and a key, no database. */
export const schedulerEnvironment = (shape: Shape, base: BaseStack) => ({
  ...everywhere(shape),
  ARRESTRA_API_URL: `https://${shape.domain}`,
  SECRETS_ARN: base.secrets.scheduler.secretArn,
});

/** The settings of the one task that makes the database's roles: by names of their own, since it needs all three logins and nothing else needs the first. */
export const bootstrapEnvironment = (shape: Shape, { database }: BaseStack, adminSecret: ISecret) => ({
  ...everywhere(shape),
  ADMIN_SECRET_ARN: adminSecret.secretArn,
  OWNER_SECRET_ARN: database.ownerSecret.secretArn,
  APP_SECRET_ARN: database.appSecret.secretArn,
});

/** The settings of the one task that may change the schema. */
export const migrateEnvironment = (shape: Shape, base: BaseStack) => ({
  ...everywhere(shape),
  SECRETS_ARN: base.database.ownerSecret.secretArn,
});

/**
 * The settings of a task that an operator starts for one command: the app's, as its role is what the commands act as, the keys that heads are verified with, and
 * the owner's login by a name of its own, which erasing alone takes.
 */
export const operatorEnvironment = (shape: Shape, base: BaseStack) => ({
  ...ofJobs(shape, base),
  LOG_LEVEL: "warn",
  OWNER_SECRET_ARN: base.database.ownerSecret.secretArn,
});

/** The settings of the scrapers: they speak to the API alone. */
export const scraperEnvironment = (shape: Shape, base: BaseStack) => ({
  ...everywhere(shape),
  ARRESTRA_API_URL: `https://${shape.domain}`,
  SECRETS_ARN: base.secrets.scraper.secretArn,
  SCRAPER_STATE_DIR: SCRAPER_MOUNT,
  RAW_PAGES_BUCKET: base.buckets.rawPages.bucketName,
});

/** Files kept with leads are sealed with the key of the data, the firm in the context. */
const evidenceOf = ({ buckets, keys }: BaseStack) => ({
  EVIDENCE_BUCKET: buckets.evidence.bucketName,
  EVIDENCE_KMS_ARN: keys.data.keyArn,
});

/** Alerts go out where they have an address to come from. */
const alertsOf = ({ mailFrom }: Shape): Record<string, string> =>
  mailFrom ? { ALERTS: "aws", MAIL_FROM: mailFrom } : {};

/** Traces go out where they have somewhere to go. */
const tracesOf = ({ traceEndpoint, traceShare }: Shape): Record<string, string> =>
  traceEndpoint
    ? {
        OTEL_EXPORTER_OTLP_ENDPOINT: traceEndpoint,
        ...(traceShare === undefined ? {} : { TRACE_SHARE: String(traceShare) }),
      }
    : {};

const poolOf = (shape: Shape) => String(sizeOf(shape).database.pool);

const secretsOf = ({ secrets }: BaseStack) => ({
  SECRETS_ARN: `${secrets.settings.secretArn},${secrets.database.secretArn}`,
});
