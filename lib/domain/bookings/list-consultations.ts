import type { ConsultationPage, ConsultationQuery } from "@/lib/contracts/consultations";
import { decodeCursor, encodeCursor, isInstantPlace, type Position } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { scopeOf } from "../context/member-scope";
import { requirePermission } from "../context/permissions";
import { recordThinned } from "../events/record-thinned";
import { leadInScope } from "./consultation-row";
import { type ListedRow, listedSql, toConsultationDtos } from "./read-consultations";

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 93;
const LISTED_EVERY_MS = 5 * 60_000;

/** @throws AppError `unprocessable` for a span that ends before it begins, or is longer than 93 days. */
export function requireSpan({ from, to }: { from?: string | undefined; to?: string | undefined }): void {
  if (from === undefined || to === undefined) return;
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  const reason =
    days <= 0 ? "must be after from" : days > LONGEST_DAYS ? `must be at most ${LONGEST_DAYS} days after from` : null;
  if (reason) throw new AppError("unprocessable", `to ${reason}.`, { invalidParams: [{ name: "to", reason }] });
}

type Filter = Omit<ConsultationQuery, "limit" | "cursor">;

/**
 * The statement of a page. A consultation lasts a week at most, so that those that overlap the beginning are looked for in the order of their starts too, not in
 * all that there ever were.
 */
export function pageSql(
  ctx: Ctx,
  { from, to, lead, state }: Filter,
  after: Position | null,
  limit: number,
): Prisma.Sql {
  const conditions = [
    ...(lead ? [Prisma.sql`c.lead_id = ${lead}::uuid`] : []),
    ...(from
      ? [Prisma.sql`c.starts_at > ${new Date(from)}::timestamptz - interval '7 days' AND c.ends_at > ${new Date(from)}`]
      : []),
    ...(to ? [Prisma.sql`c.starts_at < ${new Date(to)}`] : []),
    ...(state.length > 0 ? [Prisma.sql`c.state = ANY (${[...state]})`] : []),
    ...(after ? [Prisma.sql`(c.starts_at, c.id) > (${after.key}::timestamptz, ${after.id}::uuid)`] : []),
  ];
  return listedSql(ctx, Prisma.sql`${Prisma.join(conditions, " AND ")} ORDER BY c.starts_at, c.id LIMIT ${limit}`);
}

/**
 * One page of consultations, the earliest first, each with what it overlaps with: in a span of 93 days at most, or of one lead. The cursor belongs to the firm,
 * the filter and the member's scope. Records `consultation.listed`, thinned. Needs `leads:read`.
 * @throws AppError `unprocessable` naming `to` or `cursor`.
 */
export async function listConsultations(
  ctx: Ctx,
  { limit, cursor, ...filter }: ConsultationQuery,
): Promise<ConsultationPage> {
  requirePermission(ctx, "leads:read");
  requireSpan(filter);
  const binding = [ctx.tenantId, "consultations", filter, scopeOf(ctx)];
  const after = cursor ? decodeCursor(cursor, binding, isInstantPlace) : null;
  return inTenant(ctx, async (tx) => {
    const rows = await tx.$queryRaw<ListedRow[]>(pageSql(ctx, filter, after, limit + 1));
    await noteListing(tx, ctx, filter);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const hasMore = rows.length > limit && last;
    return {
      consultations: await toConsultationDtos(tx, ctx, page),
      nextCursor: hasMore ? encodeCursor({ key: last.startsAt.toISOString(), id: last.id }, binding) : null,
    };
  });
}

/** By days: a page that asks for what was up to this moment would else be another reading each time. */
function noteListing(tx: Tx, ctx: Ctx, { from, to, lead, state }: Filter): Promise<void> {
  const dayOf = (instant: string | undefined) => (instant ? new Date(instant).toISOString().slice(0, 10) : null);
  const data = { from: dayOf(from), to: dayOf(to), leadId: lead ?? null, states: state };
  return recordThinned(tx, ctx, { type: "consultation.listed", data }, LISTED_EVERY_MS);
}

/** Whether the caller has any consultation to see. Needs `leads:read`. */
export async function hasConsultations(ctx: Ctx): Promise<boolean> {
  requirePermission(ctx, "leads:read");
  const rows = await inTenant(ctx, (tx) =>
    tx.$queryRaw<{ one: number }[]>(Prisma.sql`
      SELECT 1 AS one FROM consultation c ${leadInScope(ctx)} WHERE c.tenant_id = ${ctx.tenantId}::uuid LIMIT 1`),
  );
  return rows.length > 0;
}
