import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { beginImport } from "@/lib/domain/leads/imports/begin-import";
import { checkImport } from "@/lib/domain/leads/imports/check-import";
import { keyOf, UPLOADS_AT_ONCE } from "@/lib/domain/leads/imports/import-row";
import { getImport } from "@/lib/domain/leads/imports/list-imports";
import { receiveImportFile } from "@/lib/domain/leads/imports/receive-file";
import { runImport } from "@/lib/domain/leads/imports/run-import";
import { askCheck, askRun, askUndo } from "@/lib/domain/leads/imports/start-work";
import { purgeImports } from "@/lib/domain/leads/imports/sweep-imports";
import { undoImport } from "@/lib/domain/leads/imports/undo-import";
import { closeDatabase } from "@/lib/platform/db";
import { type FileStore, filesOf } from "@/lib/platform/file-store";
import { addUser, asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { bytesOf, checked, fileOf, footprint, imported, jobOf, line, read, undone, upload } from "./import-world";

// Who may bring a file and go on with it, and that what is taken in is what was looked at.

const clock = fixedClock("2026-11-22T12:00:00Z");
let firm: TestFirm;
let ctx: ReturnType<TestFirm["asUser"]>;
beforeEach(async () => {
  clock.set("2026-11-22T12:00:00Z");
  firm = await makeFirm();
  ctx = firm.asUser(clock);
});
afterAll(closeDatabase);

const begun = async (of = ctx) => (await beginImport(of, { filename: "a.csv", bytes: 9 })).import.id;
const keysOf = () => filesOf().list(`imports/${firm.id}/`);
const change = (sql: string) => asOwner(firm.id, (client) => client.query(sql, [firm.user.id]));

/** Without birth dates a file is not looked through for juveniles before it is read. */
const READ_ONCE = "UPDATE lead_import SET mapping = mapping - 'dateOfBirth'";

/** Files of which the rest comes after something has happened. */
const cutAt = (words: string, happen: () => Promise<unknown>): FileStore => ({
  ...filesOf(),
  open: async (key, version) => {
    const opened = await filesOf().open(key, version);
    if (!opened) return null;
    const text = await new Response(opened.stream).text();
    const parts = async function* () {
      yield Buffer.from(text.slice(0, text.indexOf(words)));
      await happen();
      yield Buffer.from(text.slice(text.indexOf(words)));
    };
    const left = parts();
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      const { value, done } = await left.next();
      if (done) controller.close();
      else controller.enqueue(value);
    };
    // Nothing is read ahead.
    return { ...opened, stream: new ReadableStream({ pull }, { highWaterMark: 0 }) };
  },
});

/** A sender who has begun and is let go on later. */
function slow(of: typeof ctx, id: string, text: string) {
  let goOn = () => {};
  let isReading = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const reading = new Promise<void>((resolve) => {
    isReading = resolve;
  });
  const bytes = async function* () {
    isReading();
    await gate;
    yield* bytesOf(text);
  };
  const answer = receiveImportFile(of, id, bytes()).then(
    ({ state }) => state as string,
    (error: { code: string }) => error.code,
  );
  return { answer, reading, goOn };
}

describe("files on their way", () => {
  // Seen red without: uploadUntil of the import; the count of the firm.
  it("are one of an import and so many of a firm, and give their place back", async () => {
    const senders = [];
    for (let nth = 0; nth < UPLOADS_AT_ONCE; nth += 1) senders.push(slow(ctx, await begun(), fileOf(line("a"))));
    await Promise.all(senders.map(({ reading }) => reading));
    const late = await begun();
    const send = (of = ctx, id = late) => receiveImportFile(of, id, bytesOf(fileOf(line("a"))));
    await expect(send()).rejects.toMatchObject({ code: "rate_limited" });
    const other = (await makeFirm()).asUser(clock);
    await send(other, await begun(other));
    senders[0]?.goOn();
    expect(await senders[0]?.answer).toBe("mapping");
    const third = slow(ctx, late, "PK\x03\x04");
    await third.reading;
    await expect(send()).rejects.toMatchObject({ code: "conflict" });
    third.goOn();
    expect(await third.answer).toBe("unprocessable");
    expect((await send()).state).toBe("mapping");
    senders[1]?.goOn();
    expect(await senders[1]?.answer).toBe("mapping");
    expect(await keysOf()).toHaveLength(3);
  });

  // Seen red without: a key for each upload.
  it("never take the place of the one that was looked at, however late they come", async () => {
    const id = await begun();
    const lost = slow(ctx, id, fileOf(line("evil"), line("worse")));
    await lost.reading;
    clock.set("2026-11-22T12:05:00Z");
    await receiveImportFile(ctx, id, bytesOf(fileOf(line("good"))));
    await askCheck(ctx, id);
    await checkImport(jobOf(ctx), id);
    lost.goOn();
    expect(await lost.answer).toBe("conflict");
    expect(await keysOf()).toHaveLength(1);
    await askRun(ctx, id);
    await runImport(jobOf(ctx), id);
    expect((await footprint(firm.id)).leads?.map((lead) => lead.source_id)).toEqual(["good"]);
  });

  it("leave nothing that the purge does not find", async () => {
    const { id } = await upload(ctx, fileOf(line("a")));
    const [kept] = await keysOf();
    const waiting = await begun();
    const put = (key: string) => filesOf().write(key, bytesOf("x"), { type: "text/csv" });
    await put(keyOf(ctx, id));
    await put(keyOf(ctx, id, crypto.randomUUID()));
    await put(keyOf(ctx, waiting, crypto.randomUUID()));
    expect(await purgeImports(jobOf(ctx))).toBe(2);
    expect((await keysOf()).filter((key) => key !== kept && !key.includes(waiting))).toEqual([]);
    expect(await keysOf()).toHaveLength(2);
  });
});

// Seen red without: the version in openFile.
it("what is taken in is what was looked at: a file that has changed since is refused in words", async () => {
  const { id } = await checked(ctx, fileOf(line("good")));
  const [key = ""] = await keysOf();
  await filesOf().write(key, bytesOf(fileOf(line("evil"))), { type: "text/csv" });
  expect((await getImport(ctx, id)).samples).toEqual([]);
  await askRun(ctx, id);
  await runImport(jobOf(ctx), id);
  expect(await read(ctx, id)).toMatchObject({ state: "failed", problem: expect.stringContaining("has changed") });
  expect((await footprint(firm.id)).leads).toBeNull();
});

describe("a job goes on for whoever asked", () => {
  const LOSSES = {
    "was disabled": "UPDATE app_user SET disabled_at = now() WHERE id = $1",
    "is staff now": "UPDATE app_user SET role = 'staff' WHERE id = $1",
    "sees some of the leads now": "UPDATE app_user SET role = 'attorney', scope_counties = ARRAY['Hays'] WHERE id = $1",
  };
  const refused = { state: "failed", problem: expect.stringContaining("may no longer bring lists") };

  // Seen red without: requireAsker in hold.
  it.each(Object.entries(LOSSES))("and not when they are somebody who %s", async (_, sql) => {
    const admin = (await addUser(firm, { role: "admin" })).asUser(clock);
    const { id } = await checked(ctx, fileOf(line("a")));
    const { id: old } = await imported(admin, fileOf(line("old")));
    await askRun(ctx, id);
    await askUndo(ctx, old);
    const { id: unread } = await upload(ctx, fileOf(line("b")));
    await askCheck(ctx, unread);
    const before = await footprint(firm.id);
    await change(sql);
    await runImport(jobOf(ctx), id);
    await undoImport(jobOf(ctx), old);
    await checkImport(jobOf(ctx), unread);
    for (const each of [id, old, unread]) expect(await read(admin, each)).toMatchObject(refused);
    expect(await footprint(firm.id)).toEqual(before);
    // Another one who may takes it up.
    await askRun(admin, id);
    await runImport(jobOf(admin), id);
    expect(await read(admin, id)).toMatchObject({ state: "done", created: 1 });
  });

  // Seen red without: requireAsker in hold; red with it at the beginning of a run alone.
  it("and stops with the set of rows under way when they lose the right meanwhile", async () => {
    const lines = Array.from({ length: 1200 }, (_, nth) => line(`id-${nth}`));
    const { id } = await checked(ctx, fileOf(...lines));
    await askRun(ctx, id);
    const admin = (await addUser(firm, { role: "admin" })).asUser(clock);
    const files = cutAt("id-900,", () => change(LOSSES["was disabled"]));
    await asOwner(firm.id, (client) => client.query(READ_ONCE));
    await runImport(jobOf(ctx), id, { files });
    expect(await read(admin, id)).toMatchObject({ ...refused, rowsDone: 500, created: 500 });
  });
});

// Seen red without: the clock of the job in observedNow.
it("an import goes by the clock of the job, whatever that of whoever asked and of the next machine", async () => {
  const lines = Array.from({ length: 600 }, (_, nth) => line(`id-${nth}`));
  const { id } = await checked(ctx, fileOf(...lines));
  const behind = (minutes: number) => fixedClock(new Date(clock.now().getTime() - minutes * 60_000).toISOString());
  await askRun(ctx, id);
  await asOwner(firm.id, (client) => client.query(READ_ONCE));
  const files = cutAt("id-550,", () => Promise.reject(new Error("the line is dead")));
  await expect(runImport({ ...jobOf(ctx), clock: behind(10) }, id, { files })).rejects.toThrow("the line is dead");
  expect(await read(ctx, id)).toMatchObject({ state: "importing", created: 500 });
  await runImport({ ...jobOf(ctx), clock: behind(30) }, id);
  expect(await read(ctx, id)).toMatchObject({ state: "done", created: 600 });
  const back = await undone(ctx, id);
  expect([back.withdrawn, back.kept]).toEqual([600, {}]);
});
