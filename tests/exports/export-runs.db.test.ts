import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { getExport, listExports } from "@/lib/domain/reports/exports/list-exports";
import { openExport } from "@/lib/domain/reports/exports/open-export";
import { removeExport } from "@/lib/domain/reports/exports/remove-export";
import { purgeExports, STALE_MS, sweepExports } from "@/lib/domain/reports/exports/sweep-exports";
import { jobCtx } from "@/lib/jobs/job-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { folderStore } from "@/lib/platform/folder-store";
import { addUser, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";
import { ask, change, filesOfFirm, jobsFor, prepare, prepared, textOf, withWrite } from "./house";

const clock = fixedClock("2026-11-20T18:00:00Z");
let firm: TestFirm;
let owner: Ctx;
beforeEach(async () => {
  clock.set("2026-11-20T18:00:00Z");
  firm = await makeFirm();
  owner = firm.asUser(clock);
});
afterAll(closeDatabase);

const sweeper = (of: TestFirm = firm) => jobCtx(of.id, "sweep-files", clock);
const folder = () => folderStore(process.env.FILES_DIR ?? "");
/** The one file that is to be there: of this export, of whichever run. */
const oneFileOf = (id: string) => [expect.stringMatching(new RegExp(`^${id}-[0-9a-f-]{36}\\.csv$`))];
const fill = (count: number) => fillWithLeads(ownDatabase.adminUrl, firm.id, count);

/** A store that writes on only when it is told to: what a run does in between can be looked at. */
function heldStore() {
  const began = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<"written" | "given up">();
  const store = withWrite((key, chunks, about) => {
    const written = folder().write(
      key,
      (async function* () {
        let isFirst = true;
        for await (const chunk of chunks) {
          yield chunk;
          if (!isFirst) continue;
          isFirst = false;
          began.resolve();
          await goOn.promise;
        }
      })(),
      about,
    );
    written.then(
      () => ended.resolve("written"),
      () => ended.resolve("given up"),
    );
    return written;
  });
  return { store, began: began.promise, goOn: goOn.resolve, ended: ended.promise };
}

async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((done) => setImmediate(done));
}

describe("a run", () => {
  // Seen red without: the beat.
  it("says how far it is while it writes", async () => {
    await fill(3000);
    const { id } = await ask(owner);
    const seen: number[] = [];
    const looking = withWrite(async (key, chunks, about) => {
      const slow = async function* () {
        for await (const chunk of chunks) {
          yield chunk;
          if (seen.length > 1) continue;
          const last = seen.at(-1) ?? -1;
          await until(async () => (await getExport(owner, id)).rows > last);
          const now = await getExport(owner, id);
          expect(now).toMatchObject({ state: "running", rowsExpected: 3000 });
          seen.push(now.rows);
        }
      };
      return folder().write(key, slow(), about);
    });
    await prepare(firm, clock, id, { files: looking, beatMs: 5 });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBeGreaterThan(0);
    expect(await getExport(owner, id)).toMatchObject({ state: "ready", rows: 3000 });
  });

  // Seen red without: the condition on `beat_at` in claim.
  it("that is at work is left alone, and one that died is begun anew from its start", async () => {
    await fill(300);
    const { id } = await ask(owner);
    const dead = heldStore();
    // Nobody ever tells it to go on: so does a process that was killed.
    const abandoned = prepare(firm, clock, id, { files: dead.store, beatMs: 3_600_000 });
    await dead.began;
    clock.advance(STALE_MS - 1000);
    await prepare(firm, clock, id);
    expect(await sweepExports(sweeper())).toBe(0);
    expect(await getExport(owner, id)).toMatchObject({ state: "running" });
    clock.advance(2000);
    expect(await sweepExports(sweeper())).toBe(1);
    expect(await jobsFor(firm, id)).toBe(2);
    expect(await sweepExports(sweeper())).toBe(0);
    await prepare(firm, clock, id);
    expect(await getExport(owner, id)).toMatchObject({ state: "ready", rows: 300 });
    const text = await textOf(owner, id);
    // Should it rise from the dead, it changes nothing.
    dead.goOn();
    await abandoned;
    expect(await textOf(owner, id)).toBe(text);
    expect((await eventsOf(firm)).filter(({ type }) => type === "lead.export_finished")).toHaveLength(1);
    expect(filesOfFirm(firm)).toEqual(oneFileOf(id));
  });

  // Seen red without: the run in the key; `files.remove` after a finish that was another's.
  it("that was given up puts nothing of what it was allowed to see under the file of the run that came after", async () => {
    await fill(300);
    const member = await addUser(firm, { role: "attorney" });
    const { id } = await ask(member.asUser(clock));
    const dead = heldStore();
    const abandoned = prepare(firm, clock, id, { files: dead.store, beatMs: 3_600_000 });
    await dead.began;
    await change(firm, "UPDATE app_user SET scope_counties = '{Travis}' WHERE id = $1", [member.id]);
    clock.advance(STALE_MS + 1000);
    await prepare(firm, clock, id);
    const { actor, ...rest } = member.asUser(clock);
    const limited = { ...rest, actor: { ...actor, scope: { counties: ["Travis"], classes: [] } } } as Ctx;
    const text = await textOf(limited, id);
    expect(text).toContain(",Travis,");
    dead.goOn();
    await abandoned;
    expect(await dead.ended).toBe("written");
    expect(await textOf(limited, id)).toBe(text);
    expect(text).not.toContain(",Hays,");
    expect(filesOfFirm(firm)).toEqual(oneFileOf(id));
  });

  // Seen red without: assertOurs in the blocks; `files.remove` after a finish that was another's.
  it.each([
    [1, "given up"],
    [3_600_000, "written"],
  ])("ends when its export is removed, and leaves nothing (beat every %i ms: %s)", async (beatMs, end) => {
    await fill(300);
    const { id } = await ask(owner);
    const held = heldStore();
    const running = prepare(firm, clock, id, { files: held.store, beatMs });
    await held.began;
    await removeExport(owner, id);
    // So many questions later a beat every millisecond has noticed.
    for (let asked = 0; asked < 20; asked += 1) await listExports(owner, { limit: 1 });
    held.goOn();
    await running;
    expect(await held.ended).toBe(end);
    expect(filesOfFirm(firm)).toEqual([]);
    await expect(getExport(owner, id)).rejects.toMatchObject({ code: "not_found" });
    const types = (await eventsOf(firm)).map(({ type }) => type);
    expect(types).toEqual(["lead.exported", "export.removed"]);
  });

  it("that fails is tried three times, then says so, and can be asked for again", async () => {
    const { id } = await ask(owner);
    const full = withWrite(() => Promise.reject(new Error("ENOSPC: the disk of Fictus is full")));
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await expect(prepare(firm, clock, id, { files: full })).rejects.toThrow("ENOSPC");
      expect(await getExport(owner, id)).toMatchObject({ state: "waiting", problem: null });
    }
    await prepare(firm, clock, id, { files: full });
    expect(await getExport(owner, id)).toMatchObject({
      state: "failed",
      problem: "The file could not be written. Ask again.",
    });
    await expect(openExport(owner, id)).rejects.toMatchObject({ code: "not_found" });
    expect((await eventsOf(firm)).at(-1)).toMatchObject({ type: "lead.export_finished", data: { complete: false } });
    const again = await prepared(owner, firm, clock);
    expect(await getExport(owner, again)).toMatchObject({ state: "ready" });
  });

  // Seen red without: the count of attempts after claim.
  it("that takes its process down each time is begun three times, then says that it failed", async () => {
    const { id } = await ask(owner);
    let begun = 0;
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const started = Promise.withResolvers<void>();
      // Never ends, as a run whose process is gone.
      const killing = withWrite(() => {
        begun += 1;
        started.resolve();
        return new Promise(() => {});
      });
      void prepare(firm, clock, id, { files: killing, beatMs: 3_600_000 });
      await started.promise;
      clock.advance(STALE_MS + 1000);
      expect(await sweepExports(sweeper())).toBe(1);
    }
    const last = withWrite((...file) => {
      begun += 1;
      return folder().write(...file);
    });
    await prepare(firm, clock, id, { files: last });
    expect(begun).toBe(3);
    expect(await getExport(owner, id)).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("Ask again"),
    });
  });

  it("whose job was lost gets another one", async () => {
    const { id } = await ask(owner);
    expect(await sweepExports(sweeper())).toBe(0);
    clock.advance(11 * 60_000);
    expect(await sweepExports(sweeper())).toBe(1);
    expect(await jobsFor(firm, id)).toBe(2);
  });
});

describe("the end of an export", () => {
  it("comes after a day: the file goes, the list remembers it for a week", async () => {
    const other = await makeFirm();
    const theirs = await prepared(other.asUser(clock), other, clock);
    const id = await prepared(owner, firm, clock);
    clock.advance(24 * 3_600_000 - 1000);
    await expect(openExport(owner, id)).resolves.toMatchObject({ link: null });
    clock.advance(1000);
    // Seen red without: isOver in openExport and toDtos.
    await expect(openExport(owner, id)).rejects.toMatchObject({ code: "not_found" });
    expect((await listExports(owner, { limit: 50 })).exports[0]).toMatchObject({ id, state: "expired" });
    expect(filesOfFirm(firm)).toEqual(oneFileOf(id));
    expect(await sweepExports(sweeper())).toBe(1);
    expect(filesOfFirm(firm)).toEqual([]);
    expect(filesOfFirm(other)).toEqual(oneFileOf(theirs));
    expect(await getExport(owner, id)).toMatchObject({ state: "expired" });
    expect(await purgeExports(sweeper())).toBe(0);
    clock.advance(7 * 86_400_000);
    expect(await purgeExports(sweeper())).toBe(1);
    await expect(getExport(owner, id)).rejects.toMatchObject({ code: "not_found" });
  });

  // Seen red without: fileKey in purgeExports; with: every file kept that is named after an export with a row.
  it("takes along files that no row stands for, and no others", async () => {
    const other = await makeFirm();
    const id = await prepared(owner, firm, clock);
    // Left by a run of that export that was killed after its last byte.
    await folder().putOnce(`exports/${firm.id}/${id}-${crypto.randomUUID()}.csv`, Buffer.from("x"));
    await folder().putOnce(`exports/${firm.id}/orphan.csv`, Buffer.from("x"));
    await folder().putOnce(`exports/${other.id}/orphan.csv`, Buffer.from("x"));
    expect(await purgeExports(sweeper())).toBe(2);
    expect(filesOfFirm(firm)).toEqual(oneFileOf(id));
    expect(filesOfFirm(other)).toEqual(["orphan.csv"]);
  });

  // Seen red without: the keys of runs under way in purgeExports.
  it("does not take the file of a run that has written it and not said so yet", async () => {
    const { id } = await ask(owner);
    const looking = withWrite(async (...file) => {
      const written = await folder().write(...file);
      expect(await purgeExports(sweeper())).toBe(0);
      return written;
    });
    await prepare(firm, clock, id, { files: looking });
    expect(filesOfFirm(firm)).toEqual(oneFileOf(id));
    await expect(textOf(owner, id)).resolves.toContain("\r\n");
  });
});
