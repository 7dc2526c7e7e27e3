// `npm run drill:restore`: loses data on servers of its own, brings it back to a point in time and compares. With `-- --state` it states what a database
// holds, with `-- --check <address>` it holds a restored one against that. docs/runbooks/restore.md says when.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { endWith } from "./command-end";
import { checkAt, compareWith, stateForRestore, usualFile } from "./restore/command";

const OPTIONS = {
  state: { type: "boolean" },
  check: { type: "string" },
  file: { type: "string" },
} as const;

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

/** Loses and restores. @throws Error when something is not as it was. */
async function drill(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "arrestra-drill-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  Object.assign(process.env, drillSettings(folder));
  const { rehearse } = await import("./restore/drill");
  const rehearsal = await rehearse(folder, console.log);
  try {
    await compareWith(rehearsal.before, rehearsal.restoredUrl, console.log);
    return 0;
  } finally {
    await rehearsal.close();
  }
}

await endWith(async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const { file } = values;
  if (values.state) return stateForRestore(["--file", file ?? usualFile()], console.log);
  return values.check === undefined ? drill() : checkAt(values.check, { file }, console.log);
});
