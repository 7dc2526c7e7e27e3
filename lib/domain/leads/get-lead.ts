import type { ChargeDto, LeadDetail, ScoreReason } from "@/lib/contracts/leads";
import type { BailType } from "@/lib/core/bail";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import type { OffenseClass } from "@/lib/core/offense";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { bailTape, type SeenForm } from "./bail-tape";
import { listContacts, listEnrichments } from "./contacts";
import { inScope } from "./in-scope";
import { listLeadEvents } from "./lead-events";
import { LEAD_COLUMNS, type LeadRow, toLeadDto } from "./lead-row";
import { noteViewing } from "./note-reading";
import type { SourceCharge } from "./source-lead";
import { visitOf } from "./visit";

type DetailRow = LeadRow & {
  magistrate: string | null;
  custody_status: string | null;
  labels: string[];
  score_reasons: ScoreReason[];
  score_changes_at: Date | null;
  seen_count: number;
};

/**
 * The row of a lead, held until the transaction ends: whoever decides by it decides alone.
 * @throws AppError `not_found`, also for another firm's lead and one outside the member's scope.
 */
export async function lockLeadRow(tx: Tx, ctx: Ctx, id: string): Promise<LeadRow> {
  if (!isId(id)) throw notFound();
  const [row] = await tx.$queryRaw<LeadRow[]>(Prisma.sql`
    SELECT ${LEAD_COLUMNS} FROM lead
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid AND ${inScope(ctx)} FOR UPDATE`);
  if (!row) throw notFound();
  return row;
}

async function getRow(tx: Tx, ctx: Ctx, id: string): Promise<DetailRow> {
  if (!isId(id)) throw notFound();
  const [row] = await tx.$queryRaw<DetailRow[]>(Prisma.sql`
    SELECT ${LEAD_COLUMNS}, magistrate, custody_status, labels, score_reasons, score_changes_at, seen_count
    FROM lead WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid AND ${inScope(ctx)}`);
  if (!row) throw notFound();
  return row;
}

const notFound = () => new AppError("not_found", "No such lead.");

/**
 * Everything known of one lead: charges, contacts in the clear, look-ups, bail movement and the newest 200 events. Records `lead.viewed`, thinned.
 * Needs `leads:read`.
 * @throws AppError `not_found`, also for another firm's lead and one outside the member's scope.
 */
export async function getLeadDetail(ctx: Ctx, id: string): Promise<LeadDetail> {
  requirePermission(ctx, "leads:read");
  return inTenant(ctx, async (tx) => {
    const visitedAt = visitOf(ctx);
    const row = await getRow(tx, ctx, id);
    await noteViewing(tx, ctx, row.id);
    return {
      lead: {
        ...toLeadDto(row, visitedAt),
        magistrate: row.magistrate,
        custodyStatus: row.custody_status,
        labels: row.labels,
        scoreReasons: row.score_reasons,
        scoreChangesAt: row.score_changes_at?.toISOString() ?? null,
        seenCount: row.seen_count,
      },
      charges: await listCharges(tx, ctx, id),
      contacts: await listContacts(tx, ctx, id),
      enrichments: await listEnrichments(tx, ctx, id),
      events: await listLeadEvents(tx, ctx, id),
      tape: bailTape(await listForms(tx, ctx, id), visitedAt),
    };
  });
}

async function listCharges(tx: Tx, { tenantId }: Ctx, leadId: string): Promise<ChargeDto[]> {
  const rows = await tx.charge.findMany({ where: { tenantId, leadId }, orderBy: { ordinal: "asc" } });
  return rows.map((row) => ({
    ordinal: row.ordinal,
    offense: row.offense,
    level: row.level,
    class: row.class as OffenseClass,
    bailType: row.bailType as BailType,
    bailTypePrinted: row.bailTypePrinted,
    bailCents: row.bailCents === null ? null : Number(row.bailCents),
    causeNumber: row.causeNumber,
  }));
}

async function listForms(tx: Tx, { tenantId }: Ctx, leadId: string): Promise<SeenForm[]> {
  const rows = await tx.observation.findMany({
    where: { tenantId, leadId, contentHash: { not: "withdrawn" } },
    orderBy: [{ observedAt: "asc" }, { id: "asc" }],
    select: { observedAt: true, payload: true },
  });
  return rows.map((row) => ({
    observedAt: row.observedAt,
    charges: (row.payload as unknown as { charges: SourceCharge[] }).charges,
  }));
}
