import { parseArgs } from "node:util";
import type { DatabaseUrls } from "../bootstrap-database";

/** What this start is to do, as its environment and arguments say. */
export type Plan = {
  /** The packed build, or Next's development server. */
  web: "packed" | "dev";
  port: number;
  baseUrl: string;
  /** A database of the caller's own; null starts the embedded one. */
  given: (Omit<DatabaseUrls, "platformUrl"> & { platformUrl?: string }) | null;
  /** Seeds the three firms, starts the sandbox and scrapes it. */
  demo: boolean;
  environment: string;
};

/** Lost with these: every session, every encrypted contact, the proof that a head of the audit trail is ours, what several machines have to agree on. */
const KEPT_SECRETS = ["NEXTAUTH_SECRET", "FIELD_KEYS", "BLIND_INDEX_KEY", "AUDIT_SIGNING_KEYS", "SERVICE_SIGNING_KEYS"];

/** Reads the plan. Throws a sentence for the person at the terminal when it makes no sense. */
export function readPlan(args: string[], env: NodeJS.ProcessEnv): Plan {
  const { values } = parseArgs({
    args,
    options: { demo: { type: "boolean", default: false }, dev: { type: "boolean", default: false } },
  });
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT=${env.PORT} is not a port number.`);
  const given = readGivenDatabase(env);
  const demo = given === null || values.demo;
  const environment = env.ARRESTRA_ENV || (demo ? "demo" : "development");
  if (environment === "production" && demo) {
    throw new Error(
      given
        ? "The demonstration (--demo) does not run with ARRESTRA_ENV=production."
        : "With ARRESTRA_ENV=production, set DATABASE_URL and APP_DATABASE_URL: the embedded database and the sandbox are for demonstrations.",
    );
  }
  const missing = environment === "production" ? KEPT_SECRETS.filter((name) => !env[name]) : [];
  if (missing.length > 0) {
    throw new Error(
      `With ARRESTRA_ENV=production, set ${missing.join(", ")}: made up here, they would be lost with this disk.`,
    );
  }
  return {
    web: values.dev ? "dev" : "packed",
    port,
    baseUrl: env.APP_BASE_URL || `http://localhost:${port}`,
    given,
    demo,
    environment,
  };
}

function readGivenDatabase(env: NodeJS.ProcessEnv): Plan["given"] {
  const { DATABASE_URL: ownerUrl, APP_DATABASE_URL: appUrl, PLATFORM_DATABASE_URL: platformUrl } = env;
  if (!ownerUrl && !appUrl) return null;
  if (!ownerUrl || !appUrl) {
    throw new Error(
      `DATABASE_URL (the owner, for migrations) and APP_DATABASE_URL (the app role) go together; ${ownerUrl ? "APP_DATABASE_URL" : "DATABASE_URL"} is missing.`,
    );
  }
  return { ownerUrl, appUrl, ...(platformUrl ? { platformUrl } : {}) };
}
