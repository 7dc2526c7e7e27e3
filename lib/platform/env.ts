import { z } from "zod";
import { addressOf, isLoopback, isSafeDatabase, LOOPBACK } from "./safe-addresses";

const keyring = z
  .string()
  .regex(
    /^[a-z0-9]{1,16}:[A-Za-z0-9+/]{43}=(,[a-z0-9]{1,16}:[A-Za-z0-9+/]{43}=)*$/,
    "must be kid:base64-of-32-bytes, comma separated",
  )
  .refine((ring) => {
    const ids = ring.split(",").map((entry) => entry.split(":")[0]);
    return new Set(ids).size === ids.length;
  }, "names two keys alike");

const DATABASES = ["APP_DATABASE_URL", "PLATFORM_DATABASE_URL"] as const;
/** An address of the database, which may be replaced while a process runs. */
export type DatabaseSetting = (typeof DATABASES)[number];

/** Addresses of the outside world: in production none of them is this machine. */
const OUTSIDE_URLS = [
  "TWILIO_BASE_URL",
  "KICKBOX_BASE_URL",
  "ACUITY_BASE_URL",
  "GOOGLE_AUTH_URL",
  "GOOGLE_TOKEN_URL",
  "GOOGLE_CALENDAR_URL",
  "ZOOM_AUTH_URL",
  "ZOOM_API_URL",
  "ZOHO_SANDBOX_URL",
  "TOPICS_BASE_URL",
  "SANDBOX_URL",
  "AWS_ENDPOINT_URL_S3",
  "AWS_ENDPOINT_URL_SECRETS_MANAGER",
  "AWS_ENDPOINT_URL_SQS",
  "AWS_ENDPOINT_URL_SNS",
  "AWS_ENDPOINT_URL_SESV2",
  "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
  "SQS_URL_PREFIX",
] as const;

const Env = z
  .object({
    ARRESTRA_ENV: z.enum(["development", "demo", "test", "production"]).default("development"),
    /** Run-time role: row-level security applies to it. */
    APP_DATABASE_URL: z.url().optional(),
    /** Login of the platform plane; without it the app role steps into `arrestra_platform` for one transaction. */
    PLATFORM_DATABASE_URL: z.url().optional(),
    APP_DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(12),
    APP_BASE_URL: z.url().default("http://localhost:3000"),
    NEXTAUTH_SECRET: z.string().min(32).optional(),
    FIELD_KEYS: keyring.optional(),
    BLIND_INDEX_KEY: z.base64().length(44).optional(),
    /** Ed25519 seeds that sign the heads of the audit chains: the first signs, all verify. */
    AUDIT_SIGNING_KEYS: keyring.optional(),
    /** Where signed heads are kept, outside the database. */
    AUDIT_HEADS_DIR: z.string().default(".arrestra/audit-heads"),
    /** A bucket for them instead, made with Object Lock. */
    AUDIT_HEADS_BUCKET: z.string().optional(),
    /** Where exports wait to be fetched and imports to be read. */
    FILES_DIR: z.string().default(".arrestra/files"),
    /** A bucket for them instead: then browsers load from it and into it by links that end. */
    FILES_BUCKET: z.string().optional(),
    /** Where files that firms keep with a lead lie. */
    EVIDENCE_DIR: z.string().default(".arrestra/evidence"),
    /** A bucket for them instead, and for what an operator takes out of the service: everything of a firm that leaves. */
    EVIDENCE_BUCKET: z.string().optional(),
    /** The key of KMS that seals files kept with a lead, with the firm in its encryption context; a firm may have one of its own. Without it the bucket seals as it was made to. */
    EVIDENCE_KMS_ARN: z.string().optional(),
    /** The secrets of AWS Secrets Manager (names or ARNs, comma separated) whose values stand in for settings that are not set. */
    SECRETS_ARN: z.string().optional(),
    /** Stand-ins of AWS on this machine; its SDK reads them. */
    AWS_ENDPOINT_URL_S3: z.url().optional(),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: z.url().optional(),
    AWS_ENDPOINT_URL_SQS: z.url().optional(),
    AWS_ENDPOINT_URL_SNS: z.url().optional(),
    AWS_ENDPOINT_URL_SESV2: z.url().optional(),
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: z.url().optional(),
    /** What hands jobs to workers. A job is a row of the database either way; with `sqs` it is carried on from there to a queue of Amazon SQS. */
    QUEUE: z.enum(["postgres", "sqs"]).default("postgres"),
    /** What the addresses of the queues begin with: `https://sqs.us-east-1.amazonaws.com/123456789012/arrestra-`. */
    SQS_URL_PREFIX: z.url().optional(),
    /** How people hear of new HOT leads: not at all, by the pages of the sandbox, or by Amazon's SES and SNS. */
    ALERTS: z.enum(["off", "sandbox", "aws"]).default("off"),
    /** Whom mail comes from: an address that SES has verified. */
    MAIL_FROM: z.email().optional(),
    /** A log group of CloudWatch for the sealed events; without it they go to files of AUDIT_STREAM_DIR. */
    AUDIT_LOG_GROUP: z.string().optional(),
    AUDIT_STREAM_DIR: z.string().default(".arrestra/audit-stream"),
    /** The switch of the traces: where they go, by OTLP over HTTP. */
    OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
    /** The share of requests and jobs that is traced. */
    TRACE_SHARE: z.coerce.number().min(0).max(1).default(0.1),
    /** The greatest reply that this host carries; greater files are prepared by a job and fetched from the bucket. Amplify: 5000000. */
    REPLY_LIMIT_BYTES: z.coerce.number().int().min(100_000).optional(),
    /** Ed25519 seeds of a process that calls another of ours: the first signs. */
    SERVICE_SIGNING_KEYS: keyring.optional(),
    /** The public halves, for a process that is called; derived from the seeds when it has those. */
    SERVICE_VERIFY_KEYS: keyring.optional(),
    TRUSTED_HOST_HEADER: z.string().toLowerCase().default("host"),
    /** How many of our own proxies a request passes: so many entries at the end of X-Forwarded-For are theirs. */
    TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(5).default(0),
    TWILIO_BASE_URL: z.url().default("https://lookups.twilio.com"),
    TWILIO_ACCOUNT_SID: z.string().optional(),
    TWILIO_API_KEY_SID: z.string().optional(),
    TWILIO_API_KEY_SECRET: z.string().optional(),
    KICKBOX_BASE_URL: z.url().default("https://api.kickbox.com"),
    KICKBOX_API_KEY: z.string().optional(),
    ACUITY_BASE_URL: z.url().default("https://acuityscheduling.com"),
    ACUITY_CLIENT_ID: z.string().optional(),
    ACUITY_CLIENT_SECRET: z.string().optional(),
    /** What signs webhooks of accounts connected by OAuth. Acuity does not state it; the client secret unless a real delivery shows another. */
    ACUITY_WEBHOOK_SECRET: z.string().optional(),
    GOOGLE_AUTH_URL: z.url().default("https://accounts.google.com"),
    GOOGLE_TOKEN_URL: z.url().default("https://oauth2.googleapis.com"),
    GOOGLE_CALENDAR_URL: z.url().default("https://www.googleapis.com/calendar/v3"),
    GOOGLE_CLIENT_ID: z.string().optional(),
    GOOGLE_CLIENT_SECRET: z.string().optional(),
    ZOOM_AUTH_URL: z.url().default("https://zoom.us"),
    ZOOM_API_URL: z.url().default("https://api.zoom.us/v2"),
    ZOOM_CLIENT_ID: z.string().optional(),
    ZOOM_CLIENT_SECRET: z.string().optional(),
    /** The secret token of our Zoom app: signs its webhooks for all accounts. */
    ZOOM_WEBHOOK_SECRET: z.string().optional(),
    ZOHO_CLIENT_ID: z.string().optional(),
    ZOHO_CLIENT_SECRET: z.string().optional(),
    /** Client secrets of single data centers where they differ: `eu:...,in:...`. */
    ZOHO_DC_SECRETS: z.string().optional(),
    /** Takes the place of every data center's accounts and API host: for the sandbox. */
    ZOHO_SANDBOX_URL: z.url().optional(),
    /** Set when the local sandbox answers for the outside world; the pages say so. */
    SANDBOX_URL: z.url().optional(),
    OPERATOR_TOKEN: z.string().min(24).optional(),
    /** The operator's authenticator: with it, the operator's page asks for a code beside the token. */
    OPERATOR_TOTP_SECRET: z
      .string()
      .regex(/^[A-Z2-7]{32,104}$/, "must be at least 32 letters of base32 (20 bytes)")
      .optional(),
    /** Name servers for proving domains, `address:port`, comma separated; without them those of the machine. */
    DNS_SERVERS: z
      .string()
      .refine((list) => list.split(",").every((server) => addressOf(server)), "must be address:port, comma separated")
      .optional(),
    /** How long a server that was told to end serves on, so that a load balancer can take it out. ECS: 15000. */
    DRAIN_MS: z.coerce.number().int().min(0).max(45_000).default(0),
    LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
    ARRESTRA_API_URL: z.url().default("http://localhost:3000"),
    TOPICS_BASE_URL: z.url().default("https://topics.txcourts.gov"),
    SCRAPER_FIRMS_FILE: z.string().optional(),
    /** The same as text, for a process whose settings come from a secret. */
    SCRAPER_FIRMS: z.string().optional(),
    SCRAPER_CONTACT: z.string().optional(),
    SCRAPER_STATE_DIR: z.string().default(".arrestra/scraper"),
    SCRAPER_MIN_INTERVAL_MS: z.coerce.number().int().min(0).default(1000),
    SCRAPER_DAILY_BUDGET: z.coerce.number().int().min(1).default(5000),
    SCRAPER_TIMEOUT_MS: z.coerce.number().int().min(1000).default(15_000),
    SCRAPER_DISABLED_SOURCES: z.string().default(""),
    /** Seals the raw pages that a scraper keeps for replay; without it only their hashes are kept. */
    SCRAPER_PAGE_KEY: z.base64().length(44, "must be the base64 of 32 bytes").optional(),
    /** A bucket for the raw pages beside the folder of the scraper: read again after the machine is gone. */
    RAW_PAGES_BUCKET: z.string().optional(),
    CHROMIUM_PATH: z.string().optional(),
  })
  .superRefine((env, ctx) => {
    if (env.QUEUE === "sqs" && !env.SQS_URL_PREFIX)
      ctx.addIssue({ code: "custom", path: ["SQS_URL_PREFIX"], message: "is needed beside QUEUE=sqs" });
    if (env.ALERTS === "aws" && !env.MAIL_FROM)
      ctx.addIssue({ code: "custom", path: ["MAIL_FROM"], message: "is needed beside ALERTS=aws" });
    if (env.ALERTS === "sandbox" && !env.SANDBOX_URL)
      ctx.addIssue({ code: "custom", path: ["SANDBOX_URL"], message: "is needed beside ALERTS=sandbox" });
    if (env.ARRESTRA_ENV !== "production") return;
    if (env.ALERTS === "sandbox")
      ctx.addIssue({ code: "custom", path: ["ALERTS"], message: "must not be the sandbox in production" });
    if (env.REPLY_LIMIT_BYTES && !env.FILES_BUCKET) {
      const message =
        "is needed beside REPLY_LIMIT_BYTES in production: a prepared file is greater than the reply that would carry it";
      ctx.addIssue({ code: "custom", path: ["FILES_BUCKET"], message });
    }
    for (const name of OUTSIDE_URLS) {
      const value = env[name];
      if (value && LOOPBACK.test(new URL(value).hostname)) {
        ctx.addIssue({ code: "custom", path: [name], message: "must not be a loopback address in production" });
      }
    }
    const servers = env.DNS_SERVERS?.split(",") ?? [];
    if (servers.some((server) => isLoopback(addressOf(server) ?? ""))) {
      ctx.addIssue({ code: "custom", path: ["DNS_SERVERS"], message: "must not be a loopback address in production" });
    }
    for (const name of DATABASES) {
      const value = env[name];
      if (value && !isSafeDatabase(value)) {
        const message = "must say sslmode=verify-full in production, unless the database is on this machine";
        ctx.addIssue({ code: "custom", path: [name], message });
      }
    }
    if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
      const message = "must not be 0 in production: nobody's certificate would be checked";
      ctx.addIssue({ code: "custom", path: ["NODE_TLS_REJECT_UNAUTHORIZED"], message });
    }
  });
export type Env = z.infer<typeof Env>;

let cached: Env | undefined;

const given = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));

function check(settings: Record<string, string | undefined>): Env {
  const parsed = Env.safeParse(settings);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`These settings are wrong (see .env.example):\n${lines.join("\n")}`);
}

/** The settings of this process, checked once. Throws with every wrong name when one is missing or malformed. */
export function env(): Env {
  cached ??= check(given());
  return cached;
}

/** The value of a setting that this process cannot do without. */
export function requireEnv<K extends keyof Env>(name: K): NonNullable<Env[K]> {
  const value = env()[name];
  if (value === undefined || value === null) throw new Error(`The setting ${name} is missing (see .env.example).`);
  return value;
}

/** The secrets that hold settings. Asked before the settings are checked, since some come from there. */
export const secretIds = (): string[] =>
  (process.env.SECRETS_ARN ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter(Boolean);

/** The secret with the owner's login, in a task that an operator starts. */
export const ownerSecretId = (): string | undefined => process.env.OWNER_SECRET_ARN || undefined;

// What came from a secret may come anew from it; what the environment set stays. In the environment itself, since middleware and SDKs read it too.
const holder = globalThis as typeof globalThis & { arrestraFilled?: Set<string> };

/** Takes values from elsewhere for settings that the environment does not set: the environment wins. Before `env()` is first read. */
export function fillSettings(values: Readonly<Record<string, string>>): void {
  holder.arrestraFilled ??= new Set();
  for (const [name, value] of Object.entries(values)) {
    if (process.env[name]) continue;
    process.env[name] = value;
    holder.arrestraFilled.add(name);
  }
  cached = undefined;
}

/**
 * Takes newer addresses of the database for those that came from a secret; all other settings are read at start alone. Says whether one has changed.
 * @throws when they would not have been taken at start.
 */
export function replaceDatabases(values: Readonly<Record<string, string>>): boolean {
  const newer = Object.fromEntries(
    DATABASES.flatMap((name) => {
      const value = values[name];
      return value && holder.arrestraFilled?.has(name) && value !== process.env[name] ? [[name, value]] : [];
    }),
  );
  check({ ...given(), ...newer });
  Object.assign(process.env, newer);
  return Object.keys(newer).length > 0;
}

/** The address of the database as it is now, with the password that counts now. */
export const databaseAddress = (name: DatabaseSetting): string | undefined => process.env[name] || undefined;

/** Makes next-auth take its address from the host of each request, which our gate validates: a fixed one would lose the firm's subdomain. */
export function bindNextAuthToHost(): void {
  process.env.AUTH_TRUST_HOST = "1";
  delete process.env.NEXTAUTH_URL;
}

/** The release that this server was built as. A constant that Next puts in when it builds; null where nothing was built. */
export const RELEASE: string | null = process.env.ARRESTRA_RELEASE || null;

/** Every setting's name, for the check against `.env.example`. */
export const ENV_NAMES = Object.keys(Env.shape);
