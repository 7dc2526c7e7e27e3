import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { openSettings } from "../audit/open-settings";
import { STATE } from "../repository";
import { openStateFolder } from "../start/secrets";
import type { Statement } from "./statement";

type Say = (line: string) => void;

/** Below it statements lie in EVIDENCE_BUCKET: a task that states and the one that checks share no folder. */
const PLACE = "restore-statements";
const NAME = /^[\w-]+$/;
const SHOWN = 20;

/** Where a statement is kept in a clone, unless somebody says otherwise. */
export function usualFile(): string {
  openStateFolder();
  return path.join(STATE, "restore-statement.json");
}

/** States what the database holds: into a file, or into EVIDENCE_BUCKET where that is set and no file is named. */
export async function stateForRestore(args: string[], say: Say): Promise<number> {
  const { values } = parseArgs({ args, options: { file: { type: "string" } } });
  return whileSettled(process.env, async (of) => {
    say(`What ${of} holds:`);
    const [{ takeStatement }, { provenOperator }, { newId }, { systemClock }] = await Promise.all([
      import("./statement"),
      import("@/lib/domain/tenants/operator-ctx"),
      import("@/lib/core/ids"),
      import("@/lib/core/clock"),
    ]);
    const statement = await takeStatement(process.env.APP_DATABASE_URL ?? "", provenOperator(newId(), systemClock));
    const { place, next } = await keep(statement, values.file);
    const [tables, firms] = [Object.keys(statement.tables).length, Object.keys(statement.firms).length];
    say(`${place}: ${tables} tables and ${firms} firms as of ${statement.takenAt}`);
    if (statement.unread.length > 0) say(`  not readable by this role: ${statement.unread.join(", ")}`);
    if (next) say(next);
    return 0;
  });
}

/**
 * Holds a restored database against a statement: that of `--file`, or of `--statement` in EVIDENCE_BUCKET. The database is that of `--host`, entered with the login of
 * APP_DATABASE_URL, so that no password has to be typed. @throws Error when it is not what was stated, after it was said what differs.
 */
export async function checkRestored(args: string[], say: Say): Promise<number> {
  const options = { file: { type: "string" }, statement: { type: "string" }, host: { type: "string" } } as const;
  const { values } = parseArgs({ args, options });
  const usual = process.env.APP_DATABASE_URL;
  if (values.host !== undefined && !usual)
    throw new Error("APP_DATABASE_URL is not set: its login is the one that --host is entered with.");
  const url = values.host === undefined ? usual : onHost(usual ?? "", values.host);
  if (!url) throw new Error("APP_DATABASE_URL, the address of the restored database, is not set.");
  return checkAt(url, values, say);
}

/** The same for an address. */
export async function checkAt(
  url: string,
  { file, statement }: { file?: string | undefined; statement?: string | undefined },
  say: Say,
): Promise<number> {
  return whileSettled({ ...process.env, APP_DATABASE_URL: url }, async (of) => {
    process.env.APP_DATABASE_URL = url;
    const before = await readStatement(file, statement);
    say(`${of}, held against what was stated of ${before.takenAt}:`);
    await compareWith(before, url, say);
    return 0;
  });
}

/** One line for each check, and under it what differs. @throws Error when something does. */
export async function compareWith(before: Statement, url: string, say: Say): Promise<void> {
  const { compareRestored } = await import("./compare");
  const checks = await compareRestored(before, url);
  for (const { name, found, differences, seconds } of checks) {
    say(`  ${differences.length === 0 ? "same  " : "DIFFERS"}  ${name}: ${found}  ${seconds.toFixed(1)} s`);
    for (const difference of differences.slice(0, SHOWN)) say(`      ${difference}`);
    if (differences.length > SHOWN) say(`      and ${differences.length - SHOWN} more`);
  }
  if (checks.some(({ differences }) => differences.length > 0))
    throw new Error("The restored database is not what was stated. docs/runbooks/restore.md says what to do.");
}

async function whileSettled<T>(env: NodeJS.ProcessEnv, work: (of: string) => Promise<T>): Promise<T> {
  const { settings, of, close } = await openSettings(env);
  // Before anything of lib/ is loaded, which reads its settings once.
  Object.assign(process.env, settings);
  try {
    return await work(of);
  } finally {
    const { closeDatabase } = await import("@/lib/platform/db");
    await closeDatabase();
    await close();
  }
}

/** The bucket, where there is one. */
const statements = async () => (await import("@/lib/platform/firm-exports-store")).firmExportsOf();
const keyOf = (name: string): string => `${PLACE}/${name}.json`;

async function keep(statement: Statement, file: string | undefined): Promise<{ place: string; next?: string }> {
  const text = `${JSON.stringify(statement, null, 2)}\n`;
  const kept = file === undefined ? await statements() : null;
  if (!kept) {
    const place = file ?? usualFile();
    writeFileSync(place, text, { mode: 0o600 });
    return { place };
  }
  const name = statement.takenAt.replaceAll(/[:.]/g, "-");
  if (!(await kept.store.putOnce(keyOf(name), Buffer.from(text))))
    throw new Error(`A statement ${name} is there already.`);
  const next = `Next, when the copy is there: npm run arrestra -- restore check --statement ${name} --host HOST`;
  return { place: `s3://${kept.bucket}/${keyOf(name)}`, next };
}

async function readStatement(file: string | undefined, name: string | undefined): Promise<Statement> {
  if (file !== undefined && name !== undefined) throw new Error("--file or --statement, not both.");
  const { Statement: Shape } = await import("./statement");
  if (name === undefined) return Shape.parse(JSON.parse(readFileSync(file ?? usualFile(), "utf8")));
  if (!NAME.test(name)) throw new Error("--statement is a name as `restore state` prints it.");
  const kept = await statements();
  if (!kept) throw new Error("EVIDENCE_BUCKET, where statements are kept, is not set.");
  const bytes = await kept.store.get(keyOf(name));
  if (!bytes) throw new Error(`There is no statement ${name} in s3://${kept.bucket}/${PLACE}/.`);
  return Shape.parse(JSON.parse(bytes.toString()));
}

/** The same login and database on another host. */
function onHost(address: string, host: string): string {
  const url = new URL(address);
  // A name alone leaves the port as it is; what is no host changes nothing.
  url.host = host;
  if (url.host !== host && url.host !== `${host}:${url.port}`)
    throw new Error("--host is the name of a host, with a port if it has another.");
  return url.href;
}
