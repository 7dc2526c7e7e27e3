import type { AuditFilter } from "@/lib/contracts/audit";
import { auditGroupOf } from "@/lib/core/audit-group";
import type { Position } from "@/lib/core/cursor";
import { isId } from "@/lib/core/ids";
import { startOfDay } from "@/lib/core/local-time";
import { Prisma } from "@/lib/platform/db";
import { EVENTS } from "../../events/catalog";

/** An event with its seal, as it is read. `at` is `occurred_at` with every digit: a Date would lose three, and a page its place. */
export type AuditRow = {
  id: string;
  type: string;
  leadId: string | null;
  actorType: string;
  actorId: string;
  requestId: string;
  data: Record<string, unknown>;
  occurredAt: Date;
  at: string;
  sequence: bigint | null;
  hash: string | null;
  sealedAt: Date | null;
};

/** An AuditFilter with its days as instants and its group as types; `types` null is any. */
export type AuditSelection = {
  tenantId: string;
  types: readonly string[] | null;
  actor: string | null;
  lead: string | null;
  from: Date | null;
  to: Date | null;
};

/** Reads a filter in the firm's time zone. */
export function selectionOf(tenantId: string, filter: AuditFilter, zone: string): AuditSelection {
  const { group, type } = filter;
  const ofGroup = group ? Object.keys(EVENTS).filter((each) => auditGroupOf(each) === group) : null;
  const ofType = type && (!group || auditGroupOf(type) === group) ? [type] : [];
  return {
    tenantId,
    types: type ? ofType : ofGroup,
    actor: filter.actor ?? null,
    lead: filter.lead ?? null,
    from: filter.from ? startOfDay(filter.from, zone) : null,
    to: filter.to ? startOfDay(filter.to, zone, 1) : null,
  };
}

const INSTANT = /^[12]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/;

/** Tells whether a place can be one of this list's rows: anything else would reach Postgres as a cast that fails. */
export const isPlace = ({ key, id }: Position): boolean =>
  INSTANT.test(key) && !Number.isNaN(Date.parse(key.replace("+00", "Z"))) && isId(id);

/** Where a page ended, for its cursor. */
export const positionOf = ({ at, id }: AuditRow): Position => ({ key: at, id });

const NEWEST_FIRST = Prisma.sql`ORDER BY occurred_at DESC, id DESC`;

/**
 * The events of a selection behind `after`, newest first, by `columns`. A group is several types, and several cannot be read in order from one index:
 * one branch per type can, merged as far as the page needs. With an actor or a lead there is an index in that order, and types are a condition.
 */
function rowsSql(columns: Prisma.Sql, selection: AuditSelection, after: Position | null, limit: number): Prisma.Sql {
  const { tenantId, types, actor, lead, from, to } = selection;
  const shared = [Prisma.sql`tenant_id = ${tenantId}::uuid`];
  if (lead) shared.push(Prisma.sql`lead_id = ${lead}::uuid`);
  if (actor) shared.push(Prisma.sql`actor_id = ${actor}`);
  if (from) shared.push(Prisma.sql`occurred_at >= ${from}`);
  if (to) shared.push(Prisma.sql`occurred_at < ${to}`);
  if (after) shared.push(Prisma.sql`(occurred_at, id) < (${after.key}::timestamptz, ${after.id}::uuid)`);
  const branch = (...own: Prisma.Sql[]) =>
    Prisma.sql`(SELECT ${columns} FROM event WHERE ${Prisma.join([...shared, ...own], " AND ")} ${NEWEST_FIRST} LIMIT ${limit})`;
  if (types === null) return branch();
  if (types.length === 0) return branch(Prisma.sql`false`);
  if (actor || lead) return branch(Prisma.sql`type = ANY (${[...types]})`);
  const branches = types.map((type) => branch(Prisma.sql`type = ${type}`));
  return Prisma.sql`(SELECT * FROM (${Prisma.join(branches, " UNION ALL ")}) AS merged ${NEWEST_FIRST} LIMIT ${limit})`;
}

const COLUMNS = Prisma.sql`id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at`;

/** One page of a selection with the seals of its events. */
export const pageSql = (selection: AuditSelection, after: Position | null, limit: number): Prisma.Sql => Prisma.sql`
  SELECT e.id, e.type, e.lead_id AS "leadId", e.actor_type AS "actorType", e.actor_id AS "actorId", e.request_id AS "requestId", e.data,
         e.occurred_at AS "occurredAt", e.occurred_at::text AS at, s.sequence, s.hash, s.sealed_at AS "sealedAt"
  FROM ${rowsSql(COLUMNS, selection, after, limit)} AS e
  LEFT JOIN event_seal s ON s.tenant_id = ${selection.tenantId}::uuid AND s.event_id = e.id
  ORDER BY e.occurred_at DESC, e.id DESC`;

/** How many events a selection has; counting stops at `cap`. */
export const countSql = (selection: AuditSelection, cap: number): Prisma.Sql =>
  Prisma.sql`SELECT count(*)::int AS n FROM ${rowsSql(Prisma.sql`id, occurred_at`, selection, null, cap)} AS e`;
