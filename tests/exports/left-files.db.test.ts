import { afterAll, beforeEach, expect, it } from "vitest";
import { runForAllFirms } from "@/lib/jobs/handlers";
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
