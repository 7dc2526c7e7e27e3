// `npm run db:reset`: throws the demonstration's database away, what the sandbox and the scrapers remember of it, and the signed heads of its chains.
import { rmSync } from "node:fs";
import path from "node:path";
import { removePostgres } from "./embedded-postgres";
import { tryLock } from "./lock-file";
import { AUDIT_HEADS, AUDIT_STREAM, EVIDENCE, FILES, STATE } from "./repository";
import { CLUSTER } from "./start/database";

const lock = tryLock(path.join(STATE, "start.lock"));
if ("holder" in lock) {
  console.error(`Arrestra runs from this folder (process ${lock.holder.pid}): stop it first.`);
  process.exit(1);
}
await removePostgres(CLUSTER);
for (const name of [
  "scraper",
  "sandbox.json",
  "demo.json",
  path.basename(AUDIT_HEADS),
  path.basename(AUDIT_STREAM),
  path.basename(FILES),
  path.basename(EVIDENCE),
])
  rmSync(path.join(STATE, name), { recursive: true, force: true });
lock.release();
console.log("The database is gone; npm start makes a new one.");
