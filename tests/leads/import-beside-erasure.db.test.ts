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

/** The jobs of an import that begin later. */
const laterOf = (ctx: Ctx, id: string) =>
  asOwner(ctx.tenantId, async (client) => {
    const sql = `SELECT name, extract(epoch FROM start_after - now())::int AS seconds FROM pgboss.job
      WHERE data->>'importId' = $1 AND state = 'created' AND start_after > now()`;
    return (await client.query(sql, [id])).rows;
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

// Seen red without: the case of `unavailable` in fail; without: the job for later.
it("an import that waited in vain at each of its tries gives itself a job for later, and goes on when the erasure is over", async () => {
  const ctx = (await makeFirm()).asUser();
  const { id } = await checked(ctx, FILE);
  await askRun(ctx, id);
  await asOwner(ctx.tenantId, (client) =>
    client.query("UPDATE lead_import SET attempts = $2 WHERE id = $1", [id, ATTEMPTS - 1]),
  );
  await asErasure(ctx, () => runImport(jobOf(ctx), id));
  const [later, ...more] = await laterOf(ctx, id);
  expect([later, more]).toEqual([{ name: "import.run", seconds: expect.any(Number) }, []]);
  expect(later.seconds).toBeGreaterThan(20);
  expect(later.seconds).toBeLessThanOrEqual(30);
  expect(await rowOf(ctx, id)).toEqual({ state: "importing", attempts: ATTEMPTS - 1, run_id: null });
  await runImport(jobOf(ctx), id);
  expect(await read(ctx, id)).toMatchObject({ state: "done", created: 2 });
});

// Seen red without: mayWait.
it("an import that waits since a day counts its tries, so that one which can never end says so", async () => {
  const ctx = (await makeFirm()).asUser();
  const { id } = await checked(ctx, FILE);
  await askRun(ctx, id);
  const sql = "UPDATE lead_import SET expires_at = now() + interval '23 hours' WHERE id = $1";
  await asOwner(ctx.tenantId, (client) => client.query(sql, [id]));
  await asErasure(ctx, () => expect(runImport(jobOf(ctx), id)).rejects.toMatchObject({ code: "unavailable" }));
  expect(await rowOf(ctx, id)).toEqual({ state: "importing", attempts: 1, run_id: null });
  expect(await laterOf(ctx, id)).toEqual([]);
});
