import http from "node:http";
import path from "node:path";
import { verifyKeysOf } from "@/lib/platform/jwt";
import type { DatabaseUrls } from "../bootstrap-database";
import { AUDIT_HEADS, AUDIT_STREAM, EVIDENCE, FILES, NEXT, STATE } from "../repository";
import type { Plan } from "./plan";
import type { Secrets } from "./secrets";
import type { Service } from "./supervisor";

type Databases = Omit<DatabaseUrls, "platformUrl"> & { platformUrl?: string };

/** What every process of ours is told. Never the owner's address: no process that serves may change the schema. */
export function makeEnvironment(
  plan: Plan,
  databases: Databases,
  secrets: Secrets,
  sandboxUrl?: string,
): NodeJS.ProcessEnv {
  const { DATABASE_URL: _owner, NEXTAUTH_URL: _fixed, SERVICE_SIGNING_KEYS: seeds, ...inherited } = process.env;
  return {
    ...inherited,
    ARRESTRA_ENV: plan.environment,
    APP_DATABASE_URL: databases.appUrl,
    ...(databases.platformUrl ? { PLATFORM_DATABASE_URL: databases.platformUrl } : {}),
    APP_BASE_URL: plan.baseUrl,
    NEXTAUTH_SECRET: inherited.NEXTAUTH_SECRET || secrets.nextauthSecret,
    FIELD_KEYS: inherited.FIELD_KEYS || secrets.fieldKeys,
    BLIND_INDEX_KEY: inherited.BLIND_INDEX_KEY || secrets.blindIndexKey,
    // Who is called checks and cannot sign.
    SERVICE_VERIFY_KEYS: inherited.SERVICE_VERIFY_KEYS || verifyKeysOf(seeds || secrets.serviceSigningKeys),
    AUDIT_SIGNING_KEYS: inherited.AUDIT_SIGNING_KEYS || secrets.auditSigningKeys,
    AUDIT_HEADS_DIR: inherited.AUDIT_HEADS_DIR || AUDIT_HEADS,
    AUDIT_STREAM_DIR: inherited.AUDIT_STREAM_DIR || AUDIT_STREAM,
    // One place for the server that gives files out and the worker that writes them, wherever each of them runs.
    FILES_DIR: inherited.FILES_DIR || FILES,
    EVIDENCE_DIR: inherited.EVIDENCE_DIR || EVIDENCE,
    OPERATOR_TOKEN: inherited.OPERATOR_TOKEN || secrets.operatorToken,
    // A token of somebody's own goes with an authenticator of their own, or none.
    ...(inherited.OPERATOR_TOKEN ? {} : { OPERATOR_TOTP_SECRET: secrets.operatorTotpSecret }),
    // next-auth then takes the host from the request, which middleware.ts has checked: firms differ by host.
    AUTH_TRUST_HOST: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    ...(sandboxUrl ? standIns(sandboxUrl) : {}),
  };
}

/** The vendors' and the name server's addresses in the sandbox, with credentials that it accepts. */
export function standIns(sandboxUrl: string): Record<string, string> {
  return {
    SANDBOX_URL: sandboxUrl,
    ALERTS: "sandbox",
    TWILIO_BASE_URL: `${sandboxUrl}/twilio`,
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_API_KEY_SID: `SK${"0".repeat(32)}`,
    TWILIO_API_KEY_SECRET: "sandbox",
    KICKBOX_BASE_URL: `${sandboxUrl}/kickbox`,
    KICKBOX_API_KEY: "sandbox",
    ACUITY_BASE_URL: `${sandboxUrl}/acuity`,
    ACUITY_CLIENT_ID: "arrestra-sandbox",
    ACUITY_CLIENT_SECRET: "sandbox-acuity-secret",
    GOOGLE_AUTH_URL: `${sandboxUrl}/google`,
    GOOGLE_TOKEN_URL: `${sandboxUrl}/google`,
    GOOGLE_CALENDAR_URL: `${sandboxUrl}/google/calendar/v3`,
    GOOGLE_CLIENT_ID: "arrestra-sandbox",
    GOOGLE_CLIENT_SECRET: "sandbox-google-secret",
    ZOOM_AUTH_URL: `${sandboxUrl}/zoom`,
    ZOOM_API_URL: `${sandboxUrl}/zoom/v2`,
    ZOOM_CLIENT_ID: "arrestra-sandbox",
    ZOOM_CLIENT_SECRET: "sandbox-zoom-secret",
    ZOOM_WEBHOOK_SECRET: "sandbox-zoom-webhook",
    ZOHO_CLIENT_ID: "arrestra-sandbox",
    ZOHO_CLIENT_SECRET: "sandbox-zoho-secret",
    ZOHO_SANDBOX_URL: `${sandboxUrl}/zoho`,
    DNS_SERVERS: `127.0.0.1:${new URL(sandboxUrl).port}`,
  };
}

/** The web server: the packed build of `folder`, or Next's development server. */
export function webService(plan: Plan, env: NodeJS.ProcessEnv, folder: string | null): Service {
  const isReady = () => answers(`http://127.0.0.1:${plan.port}/api/health`);
  const own = { ...env, PORT: String(plan.port), HOSTNAME: "127.0.0.1" };
  if (folder) {
    return {
      name: "web",
      args: [path.join(folder, "server.js")],
      cwd: folder,
      env: { ...own, NODE_ENV: "production" },
      isReady,
    };
  }
  const args = [NEXT, "dev", "--port", String(plan.port), "--hostname", "127.0.0.1"];
  return { name: "web", args, env: { ...own, NODE_ENV: "development" }, isReady };
}

/** The scheduler is told where the web server is and what to sign with: no database, no other secret. */
export function schedulerService(plan: Plan, secrets: Secrets): Service {
  const { PATH, HOME, TMPDIR, LOG_LEVEL, SERVICE_SIGNING_KEYS, ARRESTRA_API_URL } = process.env;
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: "production",
    ...(PATH ? { PATH } : {}),
    ...(HOME ? { HOME } : {}),
    ...(TMPDIR ? { TMPDIR } : {}),
    ...(LOG_LEVEL ? { LOG_LEVEL } : {}),
    ARRESTRA_ENV: plan.environment,
    ARRESTRA_API_URL: ARRESTRA_API_URL || plan.baseUrl,
    SERVICE_SIGNING_KEYS: SERVICE_SIGNING_KEYS || secrets.serviceSigningKeys,
  };
  return scriptService("schedule", path.join("workers", "run-schedule.ts"), env);
}

/** A TypeScript process of ours, such as workers/run-jobs.ts. */
export function scriptService(
  name: string,
  script: string,
  env: NodeJS.ProcessEnv,
  isReady?: Service["isReady"],
): Service {
  return { name, args: ["--import", "tsx", script], env, ...(isReady ? { isReady } : {}) };
}

/** The stand-in of every outside system. It remembers its starts, so that yesterday's forms of the demo are still there. */
export function sandboxService(plan: Plan, port: number): Service {
  const env = {
    ...process.env,
    ARRESTRA_ENV: plan.environment,
    SANDBOX_PORT: String(port),
    APP_BASE_URL: plan.baseUrl,
    ZOOM_WEBHOOK_SECRET: standIns(`http://127.0.0.1:${port}`).ZOOM_WEBHOOK_SECRET,
    SANDBOX_STATE_FILE: path.join(STATE, "sandbox.json"),
  };
  return scriptService("sandbox", path.join("sandbox", "main.ts"), env, () => answers(`http://127.0.0.1:${port}/`));
}

/** What a scraper of the demonstration is told: it knows the API and the court site, and nothing of the database. */
export function scraperEnvironment(
  facts: { baseUrl: string; sandboxUrl: string },
  firmsFile: string,
): NodeJS.ProcessEnv {
  const { DATABASE_URL: _owner, APP_DATABASE_URL: _app, PLATFORM_DATABASE_URL: _platform, ...inherited } = process.env;
  return {
    ...inherited,
    ARRESTRA_ENV: "demo",
    ARRESTRA_API_URL: facts.baseUrl,
    TOPICS_BASE_URL: `${facts.sandboxUrl}/topics`,
    SCRAPER_FIRMS_FILE: firmsFile,
    SCRAPER_CONTACT: "demo@arrestra.example",
    SCRAPER_STATE_DIR: path.join(STATE, "scraper"),
    // Our own sandbox may be asked as fast as it answers; a court's site may not.
    SCRAPER_MIN_INTERVAL_MS: "0",
    // The sandbox is nobody's court: a day of demonstrations may ask it as often as it likes.
    SCRAPER_DAILY_BUDGET: "100000",
  };
}

/** True when something at this address gives any answer but a failure of its own. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(url, { timeout: 10_000, agent: false }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
