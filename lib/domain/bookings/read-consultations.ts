import type { ConflictDto, ConsultationDto } from "@/lib/contracts/consultations";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { scopeOf } from "../context/member-scope";
import { CONSULTATION_COLUMNS, type ConsultationRow, leadInScope, openJoinUrl } from "./consultation-row";

/** A consultation with what a list shows of its lead. */
export type ListedRow = ConsultationRow & { leadName: string; leadStatus: string };

/** As many as anybody will look at. */
const CONFLICTS_SHOWN = 20;

/** The SELECT of consultations with their leads, as far as the actor may see them. `rest` is conditions, order and limit. */
export const listedSql = (ctx: Ctx, rest: Prisma.Sql): Prisma.Sql => Prisma.sql`
  SELECT ${CONSULTATION_COLUMNS}, l.name AS "leadName", l.status AS "leadStatus" FROM consultation c ${leadInScope(ctx)}
  WHERE c.tenant_id = ${ctx.tenantId}::uuid AND ${rest}`;

type Conflict = {
  of: string;
  kind: ConflictDto["kind"];
  startsAt: Date;
  endsAt: Date;
  isAllDay: boolean;
  other: string | null;
};

/**
 * What overlaps with these consultations: one statement whatever their number. Only one that is going to take place has conflicts. The busy times and the
 * consultations of the whole span are read once; a consultation lasts a week at most. What a member may not see overlaps with nothing for them. Acuity may write
 * what is booked there to the very calendar whose busy times we read: one of exactly the same time is the consultation itself.
 */
export function conflictsSql(ctx: Ctx, ids: readonly string[]): Prisma.Sql {
  const { tenantId } = ctx;
  const mine = scopeOf(ctx) ? leadInScope(ctx) : Prisma.empty;
  return Prisma.sql`
  WITH asked AS MATERIALIZED (
    SELECT c.id, c.origin, c.starts_at, c.ends_at FROM consultation c
    WHERE c.tenant_id = ${tenantId}::uuid AND c.id = ANY (${[...ids]}::uuid[]) AND c.state = 'scheduled'
  ), span AS MATERIALIZED (SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at FROM asked
  ), others AS MATERIALIZED (
    SELECT 'consultation' AS kind, c.starts_at, c.ends_at, false AS is_all_day, c.id FROM consultation c ${mine}
    WHERE c.tenant_id = ${tenantId}::uuid AND c.state = 'scheduled' AND c.starts_at < (SELECT ends_at FROM span)
      AND c.starts_at > (SELECT starts_at FROM span) - interval '7 days' AND c.ends_at > (SELECT starts_at FROM span)
    UNION ALL
    SELECT 'busy', b.starts_at, b.ends_at, b.is_all_day, NULL FROM busy_time b
    WHERE b.tenant_id = ${tenantId}::uuid AND b.starts_at < (SELECT ends_at FROM span) AND b.ends_at > (SELECT starts_at FROM span)
  )
  SELECT asked.id AS of, o.kind, o.starts_at AS "startsAt", o.ends_at AS "endsAt", o.is_all_day AS "isAllDay", o.id AS other
  FROM asked JOIN others o ON o.starts_at < asked.ends_at AND o.ends_at > asked.starts_at AND o.id IS DISTINCT FROM asked.id
    AND NOT (asked.origin = 'acuity' AND o.kind = 'busy' AND o.starts_at = asked.starts_at AND o.ends_at = asked.ends_at)
  ORDER BY asked.id, o.starts_at, o.kind, o.id`;
}

/** Rows as they go over the wire, each with its conflicts. */
export async function toConsultationDtos(tx: Tx, ctx: Ctx, rows: readonly ListedRow[]): Promise<ConsultationDto[]> {
  if (rows.length === 0) return [];
  const found = await tx.$queryRaw<Conflict[]>(
    conflictsSql(
      ctx,
      rows.map(({ id }) => id),
    ),
  );
  const byRow = Map.groupBy(found, ({ of }) => of);
  return rows.map((row) => toDto(ctx, row, byRow.get(row.id) ?? []));
}

const toDto = (ctx: Ctx, row: ListedRow, conflicts: readonly Conflict[]): ConsultationDto => ({
  id: row.id,
  version: row.version,
  leadId: row.leadId,
  leadName: row.leadName,
  leadStatus: row.leadStatus,
  origin: row.origin,
  state: row.state,
  startsAt: row.startsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  timeZone: row.timeZone,
  kind: row.kind,
  calendarName: row.calendarName,
  location: row.location,
  joinUrl: openJoinUrl(ctx, row),
  joinUrlFrom: row.joinUrlFrom,
  priceCents: row.priceCents,
  isPaid: row.isPaid,
  bookedAt: row.bookedAt.toISOString(),
  outcome: row.outcome,
  outcomeAt: row.outcomeAt?.toISOString() ?? null,
  attendance: row.attendance,
  attendanceFrom: row.attendanceFrom,
  attendedSeconds: row.attendedSeconds,
  conflicts: conflicts.slice(0, CONFLICTS_SHOWN).map(({ kind, startsAt, endsAt, isAllDay, other }) => ({
    kind,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    isAllDay,
    consultationId: other,
  })),
});

/** @throws AppError `not_found`, also for one whose lead is outside the member's scope. */
export async function getListed(tx: Tx, ctx: Ctx, id: string): Promise<ListedRow> {
  const rows = isId(id) ? await tx.$queryRaw<ListedRow[]>(listedSql(ctx, Prisma.sql`c.id = ${id}::uuid`)) : [];
  const [row] = rows;
  if (!row) throw new AppError("not_found", "No such consultation.");
  return row;
}

/** One consultation as a list shows it. @throws AppError `not_found` */
export async function getConsultationDto(tx: Tx, ctx: Ctx, id: string): Promise<ConsultationDto> {
  const [dto] = await toConsultationDtos(tx, ctx, [await getListed(tx, ctx, id)]);
  return dto as ConsultationDto;
}
