import { Prisma, type Tx } from "@/lib/platform/db";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { contactIndex } from "../contacts";
import { findSuppressedRows } from "../suppression";
import { IMPORT_SOURCE } from "./import-row";
import { finish, hold, type WorkOptions, workOn } from "./import-work";
import { type ReadRow, readLeads } from "./read-leads";
import { keepProblems, refusedIn } from "./row-problems";
import { NO_COUNTS } from "./start-work";

type Good = Exclude<ReadRow, { problem: unknown }>;
type Outcomes = { created: number; updated: number; unchanged: number; suppressed: number };

/**
 * The dry run: reads every row as the import will, and counts what would become of it. Writes no lead, and locks none. Begins anew after a crash, so no row of it is
 * progress that would let it fail once more.
 */
export function checkImport(ctx: Ctx, id: string, { files = filesOf(), beatMs }: WorkOptions = {}): Promise<void> {
  return workOn(
    ctx,
    id,
    "checking",
    async (row) => {
      await inTenant(ctx, async (tx) => {
        await hold(tx, ctx, row, { ...NO_COUNTS, rowsTotal: null });
        await tx.leadImportProblem.deleteMany({ where: { tenantId: ctx.tenantId, importId: id } });
      });
      const now = ctx.clock.now();
      const counts = { ...NO_COUNTS } as Record<keyof typeof NO_COUNTS, number>;
      for await (const set of readLeads(row, { files, at: { now, observedAt: now } })) {
        await inTenant(ctx, async (tx) => {
          const outcomes = await outcomesOf(
            tx,
            ctx,
            set.filter((each): each is Good => !("problem" in each)),
          );
          for (const [name, count] of Object.entries(outcomes)) counts[name as keyof Outcomes] += count;
          const before = counts.rejected;
          counts.rejected += refusedIn(set);
          counts.rowsDone += set.length;
          await hold(tx, ctx, row, counts);
          await keepProblems(tx, ctx, row, { set, before });
        });
      }
      const data = { state: "checked", rowsTotal: counts.rowsDone };
      await inTenant(ctx, (tx) => finish(tx, ctx, row, data));
    },
    beatMs,
  );
}

/** What ingest would say of these rows, by the same rules (plan-batch.ts). At most three statements. */
async function outcomesOf(tx: Tx, ctx: Ctx, set: readonly Good[]): Promise<Outcomes> {
  const outcomes = { created: 0, updated: 0, unchanged: 0, suppressed: 0 };
  if (set.length === 0) return outcomes;
  const ids = set.map(({ lead }) => lead.sourceId);
  const suppressed = await findSuppressedRows(
    tx,
    ctx.tenantId,
    IMPORT_SOURCE,
    set.map(({ parsed }) => parsed),
  );
  const known = await findHeld(tx, ctx.tenantId, ids);
  const alike = set.filter(({ lead, parsed }) => known.get(lead.sourceId)?.hash === parsed.contentHash);
  const withNew = await findWithNewContact(tx, ctx, alike, known);
  for (const { lead, parsed } of set) {
    const held = known.get(lead.sourceId);
    if (suppressed.has(lead.sourceId)) outcomes.suppressed += 1;
    else if (!held) outcomes.created += 1;
    else if (held.hash === parsed.contentHash && !held.isWithdrawn && !withNew.has(lead.sourceId))
      outcomes.unchanged += 1;
    else outcomes.updated += 1;
  }
  return outcomes;
}

type Held = { id: string; hash: string; isWithdrawn: boolean };

async function findHeld(tx: Tx, tenantId: string, ids: string[]): Promise<Map<string, Held>> {
  const rows = await tx.$queryRaw<(Held & { source_id: string })[]>(Prisma.sql`
    SELECT source_id, id, content_hash AS hash, withdrawn_at IS NOT NULL AS "isWithdrawn" FROM lead
    WHERE tenant_id = ${tenantId}::uuid AND source = ${IMPORT_SOURCE} AND source_id = ANY (${ids})`);
  return new Map(rows.map((row) => [row.source_id, row]));
}

/** Rows that say nothing new of the case, but bring a contact that the lead does not have. */
async function findWithNewContact(
  tx: Tx,
  { tenantId }: Ctx,
  set: readonly Good[],
  known: ReadonlyMap<string, Held>,
): Promise<Set<string>> {
  const rows = set.flatMap(({ lead: { sourceId }, parsed }) =>
    parsed.contacts.map(({ kind, value }) => ({
      source_id: sourceId,
      lead_id: known.get(sourceId)?.id ?? null,
      kind,
      value_index: contactIndex(tenantId, kind, value),
    })),
  );
  if (rows.length === 0) return new Set();
  const found = await tx.$queryRaw<{ source_id: string }[]>(Prisma.sql`
    SELECT DISTINCT r.source_id FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(source_id text, lead_id uuid, kind text, value_index text)
    WHERE NOT EXISTS (SELECT FROM contact_point c WHERE c.tenant_id = ${tenantId}::uuid AND c.lead_id = r.lead_id AND c.kind = r.kind
      AND c.value_index = r.value_index)`);
  return new Set(found.map((row) => row.source_id));
}
