import type { KeptReason } from "@/lib/contracts/imports";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { AnyEvent } from "../../events/catalog";
import { insertOfEvents, recordEvent } from "../../events/record-events";
import { ingestLeads } from "../ingest-leads";
import { lockSource } from "../known-leads";
import { getImportRow, IMPORT_SOURCE, type ImportRow } from "./import-row";
import { ADVANCED, finish, hold, workOn } from "./import-work";
import { SET_ROWS } from "./read-leads";

type Brought = { id: string; source_id: string; version: number; is_withdrawn: boolean; kept: KeptReason | null };
type Kept = Partial<Record<KeptReason, number>>;

/**
 * Takes back what an import brought: its leads are withdrawn, as a source withdraws a form, and dismissed, so that they leave every list of open leads. What is
 * shown again later comes back as new (plan-batch.ts). A lead that somebody has worked on since, or that a later file shows too, is kept. Set by set, each a
 * transaction; safe to run twice and after a crash. Recorded as `import.undone`.
 */
export function undoImport(ctx: Ctx, id: string): Promise<void> {
  return workOn(ctx, id, "undoing", async (row) => {
    const kept: Kept = {};
    for (let after: string | null = null; ; ) {
      const set: Brought[] = await takeBack(ctx, row, after);
      for (const { kept: why } of set) if (why) kept[why] = (kept[why] ?? 0) + 1;
      after = set.at(-1)?.id ?? null;
      if (after === null) break;
    }
    await inTenant(ctx, async (tx) => {
      await finish(tx, ctx, row, { state: "undone", kept, finishedAt: ctx.clock.now() });
      const { withdrawn } = await getImportRow(tx, ctx.tenantId, id);
      const left = Object.values(kept).reduce((sum, count) => sum + count, 0);
      await recordEvent(tx, ctx, { type: "import.undone", data: { importId: id, withdrawn, kept: left } });
    });
  });
}

function takeBack(ctx: Ctx, row: ImportRow, after: string | null): Promise<Brought[]> {
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    // In this order, as in run-import.ts.
    await lockSource(tx, tenantId, IMPORT_SOURCE);
    await hold(tx, ctx, row, {});
    const set = await findBrought(tx, ctx, row, after);
    const back = set.filter(({ kept }) => kept === null);
    if (back.length === 0) return set;
    const withdrawnAt = ctx.clock.now().toISOString();
    const leads = back.filter((each) => !each.is_withdrawn).map((each) => ({ sourceId: each.source_id, withdrawnAt }));
    if (leads.length > 0) await ingestLeads({ ...ctx, tx }, { source: IMPORT_SOURCE, leads });
    await dismiss(tx, ctx, row, back);
    await tx.leadImportLead.deleteMany({
      where: { tenantId, importId: row.id, leadId: { in: back.map(({ id }) => id) } },
    });
    await hold(tx, ctx, row, { ...ADVANCED, withdrawn: { increment: back.length } });
    return set;
  });
}

/** Closes new leads, whose history says why. */
async function dismiss(tx: Tx, ctx: Ctx, { id: importId }: ImportRow, leads: readonly Brought[]): Promise<void> {
  const events = leads.map(({ id, version }): AnyEvent => {
    const takenBack = { importId, version: version + 1 };
    const data = { from: "new", to: "dismissed", reasonId: null, noteId: null, takenBack } as const;
    return { type: "lead.status_changed", leadId: id, data };
  });
  await tx.$executeRaw(Prisma.sql`
    WITH recorded AS (${insertOfEvents(ctx, events)})
    UPDATE lead SET status = 'dismissed', version = version + 1
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ANY (${leads.map(({ id }) => id)}::uuid[])`);
}

/**
 * The next leads of an import with why they stay, locked so that nobody begins to work on one meanwhile. Nobody can move a lead to new, so one that is new was never
 * moved by anybody.
 */
function findBrought(tx: Tx, { tenantId }: Ctx, row: ImportRow, after: string | null): Promise<Brought[]> {
  const beyond = after ? Prisma.sql`AND i.lead_id > ${after}::uuid` : Prisma.empty;
  return tx.$queryRaw<Brought[]>(Prisma.sql`
    SELECT l.id, l.source_id, l.version, l.withdrawn_at IS NOT NULL AS is_withdrawn, CASE
        WHEN l.status <> 'new' THEN 'status'
        WHEN EXISTS (SELECT FROM lead_note n WHERE n.tenant_id = l.tenant_id AND n.lead_id = l.id) THEN 'note'
        WHEN EXISTS (SELECT FROM contact_point c WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id AND c.origin = 'firm') THEN 'contact'
        WHEN EXISTS (SELECT FROM consultation k WHERE k.tenant_id = l.tenant_id AND k.lead_id = l.id) THEN 'consultation'
        WHEN l.withdrawn_at IS NULL AND l.observed_at > ${row.observedAt} THEN 'seen_again'
      END AS kept
    FROM lead_import_lead i JOIN lead l ON l.tenant_id = i.tenant_id AND l.id = i.lead_id
    WHERE i.tenant_id = ${tenantId}::uuid AND i.import_id = ${row.id}::uuid ${beyond}
    ORDER BY i.lead_id LIMIT ${SET_ROWS} FOR NO KEY UPDATE OF l`);
}
