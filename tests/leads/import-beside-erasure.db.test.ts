import type pg from "pg";
import { afterAll, expect, it } from "vitest";
import type { Ctx } from "@/lib/domain/context/ctx";
import { ATTEMPTS } from "@/lib/domain/leads/imports/import-row";
import { runImport } from "@/lib/domain/leads/imports/run-import";
import { askRun, askUndo } from "@/lib/domain/leads/imports/start-work";
import { undoImport } from "@/lib/domain/leads/imports/undo-import";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { lockSources } from "../../scripts/person/tombstones";
import { until } from "../jobs/processes";
import { asOwner, makeFirm } from "../setup/firms";
import { checked, fileOf, imported, jobOf, line, read } from "./import-world";

afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

/** What an erasure does first: it has the turn of all sources, and comes to the imports when others wait for it. */
const asErasure = async (ctx: Ctx, meanwhile: (client: pg.Client) => Promise<void>) =>
  asOwner(ctx.tenantId, async (client) => {
    await lockSources(client, ctx.tenantId);
    await meanwhile(client);
  });
const isWaitedFor = async (client: pg.Client) =>
  (await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).rowCount === 1;
const rowOf = async (ctx: Ctx, id: string) =>
  asOwner(ctx.tenantId, async (client) => {
    const sql = "SELECT state, attempts, run_id FROM lead_import WHERE tenant_id = $1 AND id = $2";
    return (await client.query(sql, [ctx.tenantId, id])).rows[0];
  });

const FILE = fileOf(line("id-a"), line("id-b"));
const WORK = [
  { what: "an import", work: runImport, begin: checked, ask: askRun, ends: { state: "done", created: 2 } },
  { what: "taking one back", work: undoImport, begin: imported, ask: askUndo, ends: { state: "undone", withdrawn: 2 } },
];

// Seen red with: hold before lockSource, in takeSet and in takeBack.
it.each(WORK)("$what waits for an erasure, which gets the rows of imports that it asks for", async (each) => {
  const ctx = (await makeFirm()).asUser();
  const { id } = await each.begin(ctx, FILE);
  await each.ask(ctx, id);
  let working: Promise<void> | undefined;
  await asErasure(ctx, async (client) => {
    working = each.work(jobOf(ctx), id);
    await until(() => isWaitedFor(client), "the import waits for its turn", 8000);
    await client.query("SELECT FROM lead_import WHERE tenant_id = $1 FOR UPDATE NOWAIT", [ctx.tenantId]);
  });
  await working;
  expect(await read(ctx, id)).toMatchObject(each.ends);
});

// Seen red without: the case of `unavailable` in fail.
it("an import that waited in vain at each of its tries is not ended, and goes on when the erasure is over", async () => {
  const ctx = (await makeFirm()).asUser();
  const { id } = await checked(ctx, FILE);
  await askRun(ctx, id);
  await asOwner(ctx.tenantId, (client) =>
    client.query("UPDATE lead_import SET attempts = $2 WHERE id = $1", [id, ATTEMPTS - 1]),
  );
  await asErasure(ctx, () => expect(runImport(jobOf(ctx), id)).rejects.toMatchObject({ code: "unavailable" }));
  expect(await rowOf(ctx, id)).toEqual({ state: "importing", attempts: ATTEMPTS - 1, run_id: null });
  await runImport(jobOf(ctx), id);
  expect(await read(ctx, id)).toMatchObject({ state: "done", created: 2 });
});
