import { afterAll, beforeEach, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { checkImport } from "@/lib/domain/leads/imports/check-import";
import { STALE_MS } from "@/lib/domain/leads/imports/import-work";
import { askCheck, askUndo } from "@/lib/domain/leads/imports/start-work";
import { sweepImports } from "@/lib/domain/leads/imports/sweep-imports";
import { undoImport } from "@/lib/domain/leads/imports/undo-import";
import { closeDatabase } from "@/lib/platform/db";
import { type FileStore, filesOf } from "@/lib/platform/file-store";
import { until } from "../jobs/processes";
import { asSuperuser } from "../jobs/superuser";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { fileOf, imported, jobOf, line, read, upload } from "./import-world";

const clock = fixedClock("2026-11-22T12:00:00Z");
let firm: TestFirm;
let ctx: Ctx;
beforeEach(async () => {
  clock.set("2026-11-22T12:00:00Z");
  firm = await makeFirm();
  ctx = firm.asUser(clock);
});
afterAll(closeDatabase);

const many = (count: number) => Array.from({ length: count }, (_, at) => line(`id-${at}`));

/** Each reading opens the file twice: it looks for juveniles first. The second one breaks off behind so many bytes. */
function cutAt(bytesOfFile: number): FileStore {
  let opened = 0;
  return {
    ...filesOf(),
    open: async (key, version) => {
      opened += 1;
      if (opened % 2 === 1) return filesOf().open(key, version);
      const bytes = (await filesOf().get(key)) as Buffer;
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytes.subarray(0, bytesOfFile)),
        pull: (controller) => controller.error(new Error("the line is dead")),
      });
      return { stream, bytes: bytes.length, version: version ?? "" };
    },
  };
}

/** Runs three times, of which the last one says it in the row. */
async function failThrice(run: () => Promise<void>): Promise<void> {
  for (const isThrown of [true, true, false]) await (isThrown ? expect(run()).rejects.toThrow() : run());
}

// Seen red with: attempts that begin anew with each hold (both), and with each set (the second).
it.each([
  ["before its first set", 10],
  ["behind its first set", 60_000],
])("a dry run that breaks off %s each time ends after three tries", async (_, bytes) => {
  const { id } = await upload(ctx, fileOf(...many(1200)));
  await askCheck(ctx, id);
  const files = cutAt(bytes);
  await failThrice(() => checkImport(jobOf(ctx), id, { files }));
  expect(await read(ctx, id)).toMatchObject({ state: "failed", failedAt: "checking" });
});

// Seen red with: attempts that begin anew with each hold.
it("taking back ends after three tries, also when more is kept than one set holds", async () => {
  const { id } = await imported(ctx, fileOf(...many(600)));
  await asSuperuser(async (client) => {
    await client.query(
      `UPDATE lead SET version = 2 WHERE tenant_id = $1 AND id IN (
         SELECT lead_id FROM lead_import_lead WHERE import_id = $2 ORDER BY lead_id LIMIT 500)`,
      [firm.id, id],
    );
    await client.query(`CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the line is dead'; END $$`);
    await client.query(
      "CREATE TRIGGER break_off BEFORE DELETE ON lead_import_lead FOR EACH ROW EXECUTE FUNCTION break_off()",
    );
  });
  try {
    await askUndo(ctx, id);
    await failThrice(() => undoImport(jobOf(ctx), id));
    expect(await read(ctx, id)).toMatchObject({ state: "failed", failedAt: "undoing" });
  } finally {
    await asSuperuser((client) => client.query("DROP FUNCTION break_off CASCADE"));
  }
});

// Seen red without: the beat of an import.
it("a dry run that reads for longer than a minute before its first row is left alone, and ends", async () => {
  const { id } = await upload(ctx, fileOf(...many(3)));
  await askCheck(ctx, id);
  const beatAt = () =>
    asOwner(
      firm.id,
      async (client) => (await client.query("SELECT beat_at FROM lead_import WHERE id = $1", [id])).rows[0]?.beat_at,
    );
  const slow: FileStore = {
    ...filesOf(),
    open: async (key, version) => {
      for (let half = 1; half <= 2; half += 1) {
        clock.advance(STALE_MS - 10_000);
        await until(async () => (await beatAt()).getTime() === clock.now().getTime(), "the run says something", 3000);
      }
      expect(await sweepImports(jobOf(ctx))).toBe(0);
      return filesOf().open(key, version);
    },
  };
  await checkImport(jobOf(ctx), id, { files: slow, beatMs: 5 });
  expect(await read(ctx, id)).toMatchObject({ state: "checked", created: 3 });
});
