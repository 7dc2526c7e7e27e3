// The lock of a folder (scripts/lock-file.ts): builds, measurements and starts hold it, each in a process of its own.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tryLock } from "../../scripts/lock-file";
import { packed } from "../setup/programs";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "arrestra-lock-"));
  file = path.join(folder, "some.lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const holdOften = async (): Promise<string> =>
  (await promisify(execFile)(process.execPath, [packed("tests/setup/hold-lock.ts"), file, "300"])).stdout;

const FOUR = [1, 2, 3, 4];

// Seen red without: linkSync of a file that is written whole (with `wx` and a write after it); the turn and the second look of removeDead.
it("is held by one process at a time, however many take it, and let it go or die with it", async () => {
  expect(await Promise.all(FOUR.map(holdOften))).toEqual(FOUR.map(() => "done\n"));
  expect(readdirSync(folder)).toEqual([]);
});

it("is taken from a holder that is gone, and from one whose process id is another process by now", () => {
  for (const left of [
    { pid: 2 ** 22 + 1, startedAt: "1" },
    { pid: process.pid, startedAt: "1" },
  ]) {
    writeFileSync(file, JSON.stringify(left));
    const lock = tryLock(file);
    if ("holder" in lock) throw new Error("A dead process holds it.");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ pid: process.pid });
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

it("says who holds it, and that it will soon be free", () => {
  const lock = tryLock(file);
  if ("holder" in lock) throw new Error("Nobody holds it yet.");
  expect(tryLock(file)).toMatchObject({ holder: { pid: process.pid } });
  lock.leave();
  expect(tryLock(file)).toMatchObject({ holder: { pid: process.pid, isLeaving: true } });
  lock.release();
});
