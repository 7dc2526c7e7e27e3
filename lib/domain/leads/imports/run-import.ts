import { Prisma, type Tx } from "@/lib/platform/db";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { ingestLeads } from "../ingest-leads";
import { lockSource } from "../known-leads";
import { getImportRow, IMPORT_SOURCE, type ImportRow } from "./import-row";
import { ADVANCED, finish, hold, recordFinished, type WorkOptions, workOn } from "./import-work";
import { type ReadRow, readLeads } from "./read-leads";
import { keepProblems, refusedIn } from "./row-problems";

/**
 * Takes the rows of a file in as ingest takes a batch, set by set: leads, what the import counts of them and how far it is are one transaction each, so a run
 * that breaks off goes on with the row after the last set. The same file again changes nothing. Recorded as `import.finished`.
 */
export function runImport(ctx: Ctx, id: string, { files = filesOf(), beatMs }: WorkOptions = {}): Promise<void> {
  return workOn(
    ctx,
    id,
    "importing",
    async (row) => {
      const observedAt = await observedNow(ctx, row);
      // Sets are counted from the first row each time, so the same rows are a set after a crash as before it.
      let read = 0;
      for await (const set of readLeads(row, { files, at: { now: ctx.clock.now(), observedAt } })) {
        read += set.length;
        if (read > row.rowsDone) await takeSet(ctx, row, { set, rowsDone: read, observedAt });
      }
      await inTenant(ctx, async (tx) => {
        await finish(tx, ctx, row, { state: "done", rowsTotal: read, finishedAt: ctx.clock.now() });
        await recordFinished(tx, ctx, await getImportRow(tx, ctx.tenantId, id), true);
      });
    },
    beatMs,
  );
}

/**
 * The moment at which the leads count as seen: that of the first run, by the clock that ingest holds it against. A run that goes on elsewhere takes its own when
 * its clock is behind.
 */
async function observedNow(ctx: Ctx, row: ImportRow): Promise<Date> {
  const now = ctx.clock.now();
  if (row.observedAt !== null) return new Date(Math.min(row.observedAt.getTime(), now.getTime()));
  await inTenant(ctx, (tx) => hold(tx, ctx, row, { observedAt: now }));
  return now;
}

type TakenSet = { set: readonly ReadRow[]; rowsDone: number; observedAt: Date };

function takeSet(ctx: Ctx, row: ImportRow, { set, rowsDone, observedAt }: TakenSet): Promise<void> {
  return inTenant(ctx, async (tx) => {
    const rejected = refusedIn(set);
    // Before the row of the import, as an erasure takes them: else each would wait for the other.
    await lockSource(tx, ctx.tenantId, IMPORT_SOURCE);
    await hold(tx, ctx, row, { ...ADVANCED, rowsDone, rejected: { increment: rejected } });
    const { rejected: after } = await getImportRow(tx, ctx.tenantId, row.id);
    await keepProblems(tx, ctx, row, { set, before: after - rejected });
    const leads = set.flatMap((each) => ("problem" in each ? [] : [each.lead]));
    if (leads.length === 0) return;
    const withdrawn = await findWithdrawn(tx, ctx, leads);
    const report = await ingestLeads(
      { ...ctx, tx },
      { source: IMPORT_SOURCE, observedAt: observedAt.toISOString(), leads },
    );
    const brought = report.results.filter(
      ({ outcome, sourceId }) => outcome === "created" || (outcome === "updated" && withdrawn.has(sourceId ?? "")),
    );
    await noteBrought(
      tx,
      ctx,
      row.id,
      brought.map(({ leadId }) => leadId as string),
    );
    const { created, updated, unchanged, suppressed } = report;
    await hold(tx, ctx, row, {
      created: { increment: created },
      updated: { increment: updated },
      unchanged: { increment: unchanged },
      suppressed: { increment: suppressed },
      rejected: { increment: report.rejected + report.superseded },
    });
  });
}

/** Ids of leads that an undo took back: an import that brings them again is one that they can be taken back from again. */
async function findWithdrawn(tx: Tx, { tenantId }: Ctx, leads: readonly { sourceId: string }[]): Promise<Set<string>> {
  const ids = leads.map(({ sourceId }) => sourceId);
  const rows = await tx.$queryRaw<{ source_id: string }[]>(Prisma.sql`
    SELECT source_id FROM lead WHERE tenant_id = ${tenantId}::uuid AND source = ${IMPORT_SOURCE} AND source_id = ANY (${ids})
      AND withdrawn_at IS NOT NULL`);
  return new Set(rows.map((row) => row.source_id));
}

async function noteBrought(tx: Tx, { tenantId }: Ctx, importId: string, leadIds: string[]): Promise<void> {
  if (leadIds.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO lead_import_lead (tenant_id, import_id, lead_id)
    SELECT ${tenantId}::uuid, ${importId}::uuid, id FROM unnest(${leadIds}::uuid[]) AS id ON CONFLICT DO NOTHING`);
}
