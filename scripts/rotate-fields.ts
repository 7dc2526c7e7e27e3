// `npm run rotate:fields [-- --batch ROWS]`: seals every encrypted value of every firm with the first key of FIELD_KEYS. Safe beside everything that runs, and
// to break off and start again. docs/how-to/rotate-secrets.md has the steps before and after.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { closeDatabase } from "@/lib/platform/db";
import { rotateFields } from "./fields/rotate-fields";
import { STATE } from "./repository";
import type { DemoFacts } from "./start/demo-facts";
import { readOrMakeSecrets } from "./start/secrets";

/** What is not set is the demonstration's of this clone, if it runs. */
function demoSettings(): Record<string, string> {
  const facts = path.join(STATE, "demo.json");
  if (process.env.APP_DATABASE_URL || !existsSync(facts)) return {};
  const { appDatabaseUrl } = JSON.parse(readFileSync(facts, "utf8")) as DemoFacts;
  return { APP_DATABASE_URL: appDatabaseUrl, FIELD_KEYS: process.env.FIELD_KEYS || readOrMakeSecrets().fieldKeys };
}

try {
  const { values } = parseArgs({ options: { batch: { type: "string", default: "500" } } });
  const batch = Number(values.batch);
  if (!Number.isInteger(batch) || batch < 1 || batch > 10_000)
    throw new Error("--batch is a number of rows, 1 to 10000.");
  Object.assign(process.env, { LOG_LEVEL: process.env.LOG_LEVEL || "warn", ...demoSettings() });
  const isDone = await rotateFields({ batch, say: console.log });
  if (!isDone) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await closeDatabase();
}
