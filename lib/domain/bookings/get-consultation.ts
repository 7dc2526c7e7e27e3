import type { ConsultationDetail, MirrorDto } from "@/lib/contracts/consultations";
import { lastLeaving, secondsThere } from "@/lib/core/attendance";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { noteViewing } from "../leads/note-reading";
import { type ConsultationRow, openNotes } from "./consultation-row";
import { getListed, toConsultationDtos } from "./read-consultations";
import { listStays, type StayRow } from "./record-intervals";
import { countedUntil } from "./settle-attendance";

/**
 * One consultation with what the person wrote, who was there for how long, and what stands for it elsewhere. Records `lead.viewed`, thinned. Needs `leads:read`.
 * @throws AppError `not_found`, also for another firm's and one whose lead is outside the member's scope.
 */
export async function getConsultation(ctx: Ctx, id: string): Promise<ConsultationDetail> {
  requirePermission(ctx, "leads:read");
  return inTenant(ctx, async (tx) => {
    const row = await getListed(tx, ctx, id);
    await noteViewing(tx, ctx, row.leadId);
    const [dto] = await toConsultationDtos(tx, ctx, [row]);
    return {
      ...(dto as NonNullable<typeof dto>),
      notes: openNotes(ctx, row),
      people: peopleOf(row, await listStays(tx, ctx, row.id), ctx.clock.now()),
      mirrors: await listMirrors(tx, ctx, row),
    };
  });
}

/** Each person once, whatever came in how often: the first to come in first. */
function peopleOf(row: ConsultationRow, stays: readonly StayRow[], now: Date): ConsultationDetail["people"] {
  const until = countedUntil(row, stays, now);
  return [...Map.groupBy(stays, ({ personKey }) => personKey).values()].map((own) => {
    const [first] = own as [StayRow, ...StayRow[]];
    const isThere = own.some(({ leftAt }) => leftAt === null);
    return {
      name: first.name,
      isHost: own.some(({ isHost }) => isHost),
      joinedAt: first.joinedAt.toISOString(),
      leftAt: isThere ? null : (lastLeaving(own)?.toISOString() ?? null),
      seconds: secondsThere(own, until),
    };
  });
}

type MirrorRow = Omit<MirrorDto, "updatedAt"> & { updatedAt: Date };

/** What stands for the consultation, and for its lead, at each connected service. */
async function listMirrors(tx: Tx, { tenantId }: Ctx, { id, leadId }: ConsultationRow): Promise<MirrorDto[]> {
  const rows = await tx.$queryRaw<MirrorRow[]>(Prisma.sql`
    SELECT n.provider, k.kind, k.state, k.problem, k.details #>> '{movedTo,startsAt}' AS "movedTo", k.updated_at AS "updatedAt"
    FROM sync_link k JOIN connection n ON n.tenant_id = k.tenant_id AND n.id = k.connection_id
    WHERE k.tenant_id = ${tenantId}::uuid AND (k.consultation_id = ${id}::uuid OR (k.consultation_id IS NULL AND k.lead_id = ${leadId}::uuid))
    ORDER BY n.provider, k.kind`);
  return rows.map(({ updatedAt, ...row }) => ({ ...row, updatedAt: updatedAt.toISOString() }));
}
