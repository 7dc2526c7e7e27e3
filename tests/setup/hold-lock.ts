// Takes the lock of this file so many times: `node hold-lock.mjs FILE TIMES`. Says so when somebody else held it as well.
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tryLock } from "../../scripts/lock-file";

/** No system gives this id to a process. */
const GONE = JSON.stringify({ pid: 2 ** 22 + 1, startedAt: "1" });

const [file = "", times = "0"] = process.argv.slice(2);
for (let left = Number(times); left > 0; ) {
  const lock = tryLock(file);
  if ("holder" in lock) continue;
  left -= 1;
  try {
    // Made by one holder at a time.
    closeSync(openSync(`${file}.held`, "wx"));
    rmSync(`${file}.held`);
  } catch {
    process.stdout.write("held by two\n");
  }
  // Every other time as a process leaves it that dies with it.
  if (left % 2 === 0) lock.release();
  else {
    writeFileSync(`${file}.${process.pid}`, GONE);
    renameSync(`${file}.${process.pid}`, file);
  }
}
process.stdout.write("done\n");
