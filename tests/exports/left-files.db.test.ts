import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { purgeImports } from "@/lib/domain/leads/imports/sweep-imports";
import { purgeExports } from "@/lib/domain/reports/exports/sweep-exports";
import { runForAllFirms } from "@/lib/jobs/handlers";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { filesOf } from "@/lib/platform/file-store";
import { makeFirm, type TestFirm } from "../setup/firms";
import { change } from "./house";

let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const foldersOf = ({ id }: TestFirm) => [`exports/${id}/`, `imports/${id}/`];
const keysOf = async (of: TestFirm) => (await Promise.all(foldersOf(of).map((key) => filesOf().list(key)))).flat();

// Seen red without: forShutFirms of purge-expired.
it.each(["suspended", "closed"])("files that nobody needs go in a firm that is %s too", async (status) => {
  for (const folder of foldersOf(firm)) await filesOf().putOnce(`${folder}orphan.csv`, Buffer.from("SPECIMEN"));
  await change(firm, "UPDATE tenant SET status = $2 WHERE id = $1", [firm.id, status]);
  expect(await keysOf(firm)).toHaveLength(2);
  await runForAllFirms("purge-expired");
  expect(await keysOf(firm)).toEqual([]);
});

/** What SIGKILL leaves of a write; says where. */
function leaveHalf(folder: string, hoursAgo: number): string {
  const file = path.join(process.env.FILES_DIR ?? "", folder, `.${crypto.randomUUID()}`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "SPECIMEN");
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  utimesSync(file, at, at);
  return file;
}

// Seen red without: removeUnfinished in purgeExports and in purgeImports; with: one that asks for no age.
it("the half of a file that a killed write has left goes after its days, and one that is being written stays", async () => {
  const other = await makeFirm();
  const [old, fresh, theirs] = [firm, firm, other].map((of, at) =>
    foldersOf(of).map((folder) => leaveHalf(folder, at === 1 ? 1 : 49)),
  ) as [string[], string[], string[]];
  const job = jobCtx(firm.id, "purge-expired");
  expect([await purgeExports(job), await purgeImports(job)]).toEqual([1, 1]);
  expect(old.filter(existsSync)).toEqual([]);
  expect([...fresh, ...theirs].every(existsSync)).toBe(true);
  expect(readdirSync(path.dirname(fresh[0] ?? ""))).toHaveLength(1);
});
