import { z } from "zod";
import { SIZES, type Size } from "./sizes";

const domain = z
  .string({ error: "is missing: the apex that firms get their subdomains of, such as arrestra.com" })
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    "must be a bare host, such as arrestra.com",
  );

const common = {
  /** How much of everything: SIZES in sizes.ts. */
  size: z.enum(["small", "production"], { error: "must be small or production" }),
  domain,
  /** The public hosted zone of `domain` in Route 53. Given, not looked up: nothing is asked of an account before the deployment. */
  hostedZoneId: z
    .string({ error: "is missing: the id of the domain's public hosted zone in Route 53" })
    .regex(/^Z[A-Z0-9]{5,31}$/, "must be the id of a hosted zone, such as Z0123456789ABC"),
  account: z
    .string({ error: "is missing: the AWS account to deploy to" })
    .regex(/^\d{12}$/, "must be the twelve digits of an AWS account"),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region, such as us-east-1")
    .default("us-east-1"),
  /** Where alarms and the budget's warnings go. */
  alertEmail: z.email("must be an e-mail address: alarms go there"),
  /** Whom alerts of new HOT leads come from: an address of `domain`. Without it nothing is mailed or texted. */
  mailFrom: z.email("must be an e-mail address: alerts come from there").optional(),
  monthlyBudgetUsd: z.coerce.number("must be a number of dollars").int().min(1),
  /** What checks of contacts by Twilio and Kickbox may cost in a day, by their list prices, of all firms together: above it an alarm rings, and nothing stops. */
  lookupUsdPerDay: z.coerce.number("must be a number of dollars").positive("must be above 0").max(100_000).default(20),
  /**
   * How many buckets of signed heads there have been. After a restore the heads of what was lost stay locked in the last one, and nothing is signed that
   * contradicts them: one more takes over (docs/runbooks/restore.md), and those before stay as they are. Never less than it was.
   */
  auditHeadsBuckets: z.coerce.number("must be a number").int("must be a whole number").min(1).max(20).default(1),
  /** A collector that takes OTLP over HTTP, for the traces of web server and job runner. It is no secret and stands in the clear, so it carries no login. */
  traceEndpoint: z
    .url({ protocol: /^https$/, error: "must be the https address of a collector that takes OTLP over HTTP" })
    .regex(/^[^@]*$/, "must be an address without a login")
    .optional(),
  /** The share of requests and jobs that is traced, of 1; without it what lib/platform/env.ts says. */
  traceShare: z.coerce.number("must be a number").min(0).max(1).optional(),
  /** The tag of the container images, pushed before: the commit. */
  imageTag: z
    .string({ error: "is missing: the tag of the pushed container image, usually the commit" })
    .regex(/^(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, "must be a fixed tag: latest is not one build"),
  /** What hands jobs to workers: the database alone, or queues of SQS that due jobs are carried on to. */
  queue: z.enum(["postgres", "sqs"], { error: "must be postgres or sqs" }).default("postgres"),
  /** The repository in ECR of the image for web, worker and scheduler. */
  imageRepository: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._/-]{1,255}$/)
    .default("arrestra"),
  /** The repository in ECR of the scrapers' image, which brings a Chromium along. */
  scraperRepository: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._/-]{1,255}$/)
    .default("arrestra-scraper"),
};

const secretArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$/,
    "must be the whole ARN of a secret, with the six letters at its end",
  );

const Ecs = z.strictObject({
  ...common,
  web: z.literal("ecs"),
  /** The list of CloudFront's addresses in the region (com.amazonaws.global.cloudfront.origin-facing): with it the load balancer's group lets in nobody else. */
  cloudFrontPrefixListId: z
    .string()
    .regex(/^pl-[0-9a-f]{8,17}$/, "must be the id of a prefix list, such as pl-3b927c52")
    .optional(),
  /** A copy of the database that can be read, a little behind. The product reads none; it is for reports of other tools. */
  readReplica: z.union([z.boolean(), z.stringbool()], { error: "must be true or false" }).default(false),
});

const Amplify = z.strictObject({
  ...common,
  web: z.literal("amplify"),
  /** A secret with APP_DATABASE_URL of the managed Postgres: this stack makes no database that Amplify could reach. */
  databaseSecretArn: secretArn,
  /** A secret with DATABASE_URL, the owner's, for migrations alone: whoever serves may not change the schema. */
  ownerSecretArn: secretArn,
  /** The repository that Amplify builds. */
  repository: z.url({ protocol: /^https$/, error: "must be the https address of the repository that Amplify builds" }),
  branch: z.string().min(1).default("main"),
  /** A secret with the token that Amplify may read the repository with; its value is used once, when the app is made. */
  repositoryTokenSecretArn: secretArn.optional(),
});

/** Everything that a deployment decides: which shape, how big, where. */
export const Shape = z
  .discriminatedUnion("web", [Ecs, Amplify], { error: "must be amplify or ecs" })
  .refine(({ mailFrom, domain }) => !mailFrom || mailFrom.toLowerCase().endsWith(`@${domain}`), {
    path: ["mailFrom"],
    message: "must be an address of the domain, which its mail is signed for",
  });
export type Shape = z.infer<typeof Shape>;
export type EcsShape = z.infer<typeof Ecs>;
export type AmplifyShape = z.infer<typeof Amplify>;

const NAMES = new Set([...Object.keys(Ecs.shape), ...Object.keys(Amplify.shape)]);

/** The settings out of the context that the CDK gives, with what is its own left out. Throws one sentence for each wrong one. */
export function readShape(context: Readonly<Record<string, unknown>>): Shape {
  const given = Object.fromEntries(
    Object.entries(context).filter(([name, value]) => NAMES.has(name) && value !== "" && value !== undefined),
  );
  const parsed = Shape.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message, ...issue }) =>
    issue.code === "unrecognized_keys"
      ? `  ${issue.keys.join(", ")}: belongs to the other shape, not to web=${given.web}`
      : `  ${path.join(".")}: ${message}`,
  );
  throw new Error(`These settings of the deployment are wrong (see docs/deploy.md):\n${lines.join("\n")}`);
}

/** The numbers of this deployment's size. */
export const sizeOf = (shape: Shape): Size => SIZES[shape.size];
