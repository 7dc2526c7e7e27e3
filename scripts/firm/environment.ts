import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { EVIDENCE, FILES, STATE } from "../repository";
import type { DemoFacts } from "../start/demo-facts";
import { readOrMakeSecrets } from "../start/secrets";

/**
 * What these commands need to be told: as the environment says; without APP_DATABASE_URL, that of the demonstration of this clone. The owner's address is
 * for erasing alone. @throws Error with a sentence when there is neither.
 */
export function firmEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  // In production a folder of this machine is taken only when somebody says that it is the one.
  const isOurs = env.ARRESTRA_ENV !== "production";
  const files = env.FILES_DIR || (isOurs ? FILES : "");
  const evidence = env.EVIDENCE_DIR || (isOurs ? EVIDENCE : "");
  const quiet = {
    LOG_LEVEL: env.LOG_LEVEL || "warn",
    ...(files ? { FILES_DIR: files } : {}),
    ...(evidence ? { EVIDENCE_DIR: evidence } : {}),
  };
  if (env.APP_DATABASE_URL) return quiet;
  const file = path.join(STATE, "demo.json");
  if (!existsSync(file)) {
    throw new Error(
      "Set APP_DATABASE_URL, FIELD_KEYS, BLIND_INDEX_KEY and APP_BASE_URL, or run npm start in this folder.",
    );
  }
  const facts = JSON.parse(readFileSync(file, "utf8")) as DemoFacts;
  const secrets = readOrMakeSecrets();
  return {
    ...quiet,
    ARRESTRA_ENV: "demo",
    APP_DATABASE_URL: facts.appDatabaseUrl,
    DATABASE_URL: facts.databaseUrl,
    APP_BASE_URL: facts.baseUrl,
    FIELD_KEYS: secrets.fieldKeys,
    BLIND_INDEX_KEY: secrets.blindIndexKey,
  };
}
