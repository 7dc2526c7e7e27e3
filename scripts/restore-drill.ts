// `npm run drill:restore`: loses data on servers of its own, brings it back to a point in time and compares. With `-- --state` it states what a database
// holds, with `-- --check <address>` it holds a restored one against that. docs/runbooks/restore.md says when.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { openSettings } from "./audit/open-settings";
import { STATE } from "./repository";
import { openStateFolder } from "./start/secrets";

const OPTIONS = {
  state: { type: "boolean" },
  check: { type: "string" },
  file: { type: "string" },
} as const;

/** Where the statement is kept unless `--file` says otherwise. */
function usualFile(): string {
  openStateFolder();
  return path.join(STATE, "restore-statement.json");
}

/** Settings that no other process shares: invented data is sealed and signed with keys of its own. */
function drillSettings(folder: string): Record<string, string> {
  const key = () => randomBytes(32).toString("base64");
  return {
    ARRESTRA_ENV: "test",
    LOG_LEVEL: "warn",
    FIELD_KEYS: `drill:${key()}`,
    BLIND_INDEX_KEY: key(),
    AUDIT_SIGNING_KEYS: `drill:${key()}`,
    AUDIT_HEADS_DIR: path.join(folder, "heads"),
    // Of a shell that is set up for the service: none of this may reach it.
    AUDIT_HEADS_BUCKET: "",
    PLATFORM_DATABASE_URL: "",
    SECRETS_ARN: "",
  };
}

/** Loses and restores; true when everything is as it was. */
async function drill(): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), "arrestra-drill-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  Object.assign(process.env, drillSettings(folder));
  const { rehearse } = await import("./restore/drill");
  const rehearsal = await rehearse(folder, console.log);
  try {
    return await compare(rehearsal.before, rehearsal.restoredUrl);
  } finally {
    await rehearsal.close();
  }
}

async function state(file: string): Promise<boolean> {
  const { settings, close } = await openSettings();
  Object.assign(process.env, settings);
  try {
    const [{ takeStatement }, { provenOperator }, { newId }, { systemClock }] = await Promise.all([
      import("./restore/statement"),
      import("@/lib/domain/tenants/operator-ctx"),
      import("@/lib/core/ids"),
      import("@/lib/core/clock"),
    ]);
    const statement = await takeStatement(process.env.APP_DATABASE_URL ?? "", provenOperator(newId(), systemClock));
    writeFileSync(file, `${JSON.stringify(statement, null, 2)}\n`, { mode: 0o600 });
    const [tables, firms] = [Object.keys(statement.tables).length, Object.keys(statement.firms).length];
    console.log(`${file}: ${tables} tables and ${firms} firms as of ${statement.takenAt}`);
    if (statement.unread.length > 0) console.log(`  not readable by this role: ${statement.unread.join(", ")}`);
    return true;
  } finally {
    await close();
  }
}

async function check(url: string, file: string): Promise<boolean> {
  const { settings, close } = await openSettings({ ...process.env, APP_DATABASE_URL: url });
  Object.assign(process.env, settings, { APP_DATABASE_URL: url });
  try {
    const { Statement } = await import("./restore/statement");
    return await compare(Statement.parse(JSON.parse(readFileSync(file, "utf8"))), url);
  } finally {
    await close();
  }
}

/** One line for each check, and under it what differs. */
async function compare(before: import("./restore/statement").Statement, url: string): Promise<boolean> {
  const { compareRestored } = await import("./restore/compare");
  const checks = await compareRestored(before, url);
  for (const { name, found, differences, seconds } of checks) {
    console.log(`  ${differences.length === 0 ? "same  " : "DIFFERS"}  ${name}: ${found}  ${seconds.toFixed(1)} s`);
    for (const difference of differences.slice(0, 20)) console.log(`      ${difference}`);
    if (differences.length > 20) console.log(`      and ${differences.length - 20} more`);
  }
  return checks.every(({ differences }) => differences.length === 0);
}

try {
  const { values } = parseArgs({ options: OPTIONS });
  const isSame = values.state
    ? await state(values.file ?? usualFile())
    : values.check !== undefined
      ? await check(values.check, values.file ?? usualFile())
      : await drill();
  if (!isSame) {
    console.error("The restored database is not what was stated. docs/runbooks/restore.md says what to do.");
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  const { closeDatabase } = await import("@/lib/platform/db");
  await closeDatabase();
}
