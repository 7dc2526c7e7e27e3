import type { LeadFilter, LeadSort } from "@/lib/contracts/leads";
import type { Band, BandThresholds } from "@/lib/core/band";
import { isInstantKey, type Position } from "@/lib/core/cursor";
import { isId } from "@/lib/core/ids";
import { startOfDay } from "@/lib/core/local-time";
import { fold } from "@/lib/core/text";
import { Prisma } from "@/lib/platform/db";
import type { LeadRow } from "./lead-row";
import type { ReadingPlace } from "./visit";

/** A LeadFilter with its dates as instants and its search as folded words, within what the reader may see. An empty list is no condition. */
export type LeadQuery = {
  sort: LeadSort;
  descending: boolean;
  status: readonly string[];
  county: readonly string[];
  band: readonly string[];
  /** The gravest charge; only a member's scope asks for it. */
  topClass: readonly string[];
  firstSeen: Range;
  arrested: Range;
  words: string[];
  /** What bands stand for; a firm that gets others gets its bands anew with them. */
  thresholds: BandThresholds;
};
type Range = { from: Date | null; to: Date | null };

const ANY: Range = { from: null, to: null };
/** Unknown arrest times are stored as 1900-01-01: a filter on arrests starts behind them. */
const FIRST_KNOWN_ARREST = new Date("1900-01-02T00:00:00Z");

const isDay = (text: string) => text.length === 10;
const later = (a: Date | null, b: Date | null) => (a && b ? (a > b ? a : b) : (a ?? b));

/** The words of a search, folded. A search for nothing but accents matches nothing; without words it would match everything. */
function wordsOf(q: string): string[] {
  const folded = fold(q);
  return (folded === "" ? [q] : folded.split(" ")).slice(0, 10);
}

/** What no lead has for a county. A member who asks for none of their own counties gets nothing: an empty list would be every county. */
const NOWHERE = [""];

/** The counties to look in, of those asked for and those the reader is limited to. */
function countiesWithin(asked: readonly string[], own: readonly string[]): readonly string[] {
  if (own.length === 0) return asked;
  if (asked.length === 0) return own;
  const both = asked.filter((county) => own.includes(county));
  return both.length > 0 ? both : NOWHERE;
}

/**
 * Reads a filter in the firm's time zone, and narrows it to the reader's scope. The policies hold the scope too (member_scope): as conditions it lets
 * a limited member's pages come from the ordered indexes.
 */
export function toLeadQuery(
  filter: LeadFilter,
  { timeZone: zone, thresholds, visitedAt, scope }: ReadingPlace,
): LeadQuery {
  const from = filter.from ? (isDay(filter.from) ? startOfDay(filter.from, zone) : new Date(filter.from)) : null;
  const to = filter.to ? (isDay(filter.to) ? startOfDay(filter.to, zone, 1) : new Date(filter.to)) : null;
  const byArrest = filter.dateField === "arrested";
  const given: Range = { from, to };
  const firstSeen = byArrest ? ANY : given;
  return {
    sort: filter.sort,
    descending: filter.dir === "desc",
    status: filter.status,
    county: countiesWithin(filter.county, scope?.counties ?? []),
    band: filter.band,
    topClass: scope?.classes ?? [],
    firstSeen: filter.newSinceMyLastVisit ? { ...firstSeen, from: later(firstSeen.from, visitedAt) } : firstSeen,
    arrested: byArrest && (from || to) ? { from: from ?? FIRST_KNOWN_ARREST, to } : ANY,
    words: filter.q ? wordsOf(filter.q) : [],
    thresholds,
  };
}

const isNumber = (key: string) => /^-?\d{1,15}$/.test(key);
const isScore = (key: string) => /^\d{1,3}$/.test(key);

const SORTS = {
  firstSeen: {
    column: Prisma.raw("first_seen_at"),
    cast: Prisma.raw("timestamptz"),
    key: (r: LeadRow) => r.first_seen_at.toISOString(),
    isKey: isInstantKey,
  },
  arrested: {
    column: Prisma.raw("sort_arrested_at"),
    cast: Prisma.raw("timestamptz"),
    key: (r: LeadRow) => r.sort_arrested_at.toISOString(),
    isKey: isInstantKey,
  },
  score: {
    column: Prisma.raw("score"),
    cast: Prisma.raw("integer"),
    key: (r: LeadRow) => String(r.score),
    isKey: isScore,
  },
  bail: {
    column: Prisma.raw("sort_bail_cents"),
    cast: Prisma.raw("bigint"),
    key: (r: LeadRow) => String(r.sort_bail_cents),
    isKey: isNumber,
  },
} as const;

/** Where a page ended, for its cursor. */
export const positionOf = (row: LeadRow, sort: LeadSort): Position => ({ key: SORTS[sort].key(row), id: row.id });

/** Tells whether a place can be one of this order's rows: anything else would reach Postgres as a cast that fails. */
export const isPlaceIn =
  (sort: LeadSort) =>
  ({ key, id }: Position): boolean =>
    SORTS[sort].isKey(key) && isId(id);

const order = (query: LeadQuery) => {
  const { column } = SORTS[query.sort];
  const direction = Prisma.raw(query.descending ? "DESC" : "ASC");
  return Prisma.sql`ORDER BY ${column} ${direction}, id ${direction}`;
};

/** Conditions that every branch shares: dates and the place behind the last page. */
function sharedConditions(query: LeadQuery, after: Position | null): Prisma.Sql[] {
  const { firstSeen, arrested } = query;
  const conditions: Prisma.Sql[] = [];
  if (firstSeen.from) conditions.push(Prisma.sql`first_seen_at >= ${firstSeen.from}`);
  if (firstSeen.to) conditions.push(Prisma.sql`first_seen_at < ${firstSeen.to}`);
  if (arrested.from) conditions.push(Prisma.sql`sort_arrested_at >= ${arrested.from}`);
  if (arrested.to) conditions.push(Prisma.sql`sort_arrested_at < ${arrested.to}`);
  if (after) {
    const { column, cast } = SORTS[query.sort];
    const beyond = Prisma.raw(query.descending ? "<" : ">");
    conditions.push(Prisma.sql`(${column}, id) ${beyond} (${after.key}::${cast}, ${after.id}::uuid)`);
  }
  return conditions;
}

/** The filters by several values, each with its column. */
const LISTS = [
  { name: "status", column: Prisma.raw("status") },
  { name: "band", column: Prisma.raw("band") },
  { name: "county", column: Prisma.raw("county") },
  { name: "topClass", column: Prisma.raw("top_class") },
] as const;
type List = { name: (typeof LISTS)[number]["name"]; column: Prisma.Sql; values: readonly string[] };

const listsOf = (query: LeadQuery): List[] =>
  LISTS.map((list) => ({ ...list, values: query[list.name] })).filter(({ values }) => values.length > 0);

const oneOf = ({ column, values }: List): Prisma.Sql =>
  values.length === 1 ? Prisma.sql`${column} = ${values[0]}` : Prisma.sql`${column} = ANY (${[...values]})`;

/**
 * `oneOf` for a page. In the order of the score, bands are said as scores too: another column's index would else read its way through every lead of
 * a higher band.
 */
function onPage({ sort, thresholds: { hotFrom, warmFrom } }: LeadQuery, list: List): Prisma.Sql {
  if (list.name !== "band" || sort !== "score") return oneOf(list);
  const has = (band: Band) => list.values.includes(band);
  const from = has("cool") ? 0 : has("warm") ? warmFrom : hotFrom;
  const upTo = has("hot") ? 100 : (has("warm") ? hotFrom : warmFrom) - 1;
  return Prisma.sql`${oneOf(list)} AND score BETWEEN ${from} AND ${upTo}`;
}

/** More branches than this cost more than the rows they save. */
const MAX_BRANCHES = 24;

/**
 * A filter by several values cannot be read in order from one index, but one branch per combination can: each is an index scan in the order of the
 * sort, merged lazily, so a page reads its own rows and little more. Where combinations are too many, the widest filters stay conditions.
 */
function branchesOf(query: LeadQuery): Prisma.Sql[][] {
  let branches: Prisma.Sql[][] = [[]];
  for (const list of listsOf(query).toSorted((a, b) => a.values.length - b.values.length)) {
    const parts =
      branches.length * list.values.length <= MAX_BRANCHES
        ? list.values.map((value) => ({ ...list, values: [value] }))
        : [list];
    branches = branches.flatMap((branch) => parts.map((part) => [...branch, onPage(query, part)]));
  }
  return branches;
}

/** One page of rows behind `after`, in order. `columns` is a list for SELECT. */
export function pageSql(
  columns: Prisma.Sql,
  tenantId: string,
  query: LeadQuery,
  after: Position | null,
  limit: number,
): Prisma.Sql {
  if (query.words.length > 0) {
    return Prisma.sql`SELECT ${columns} FROM lead WHERE ${found(tenantId, query, after, limit)} ${order(query)} LIMIT ${limit}`;
  }
  const shared = [Prisma.sql`tenant_id = ${tenantId}::uuid`, ...sharedConditions(query, after)];
  const inOrder = order(query);
  // Only a branch that is itself ordered can be merged: the planner does not pull a branch with conditions up into the union.
  const branches = branchesOf(query).map(
    (branch) =>
      Prisma.sql`(SELECT ${columns} FROM lead WHERE ${Prisma.join([...shared, ...branch], " AND ")} ${inOrder} LIMIT ${limit})`,
  );
  return Prisma.sql`SELECT ${columns} FROM (${Prisma.join(branches, " UNION ALL ")}) AS l ${inOrder} LIMIT ${limit}`;
}

const orNull = (values: readonly string[]) => (values.length > 0 ? [...values] : null);

/** What search has found. The lists are said once more: the function takes no charges. */
function found(tenantId: string, query: LeadQuery, after: Position | null, limit: number): Prisma.Sql {
  const ids = Prisma.sql`id = ANY (ARRAY(${searchSql(query, after, limit)}))`;
  return Prisma.join([Prisma.sql`tenant_id = ${tenantId}::uuid`, ids, ...listsOf(query).map(oneOf)], " AND ");
}

/**
 * Ids that match the words and every other filter, in order: asked of the one function that may use the search index under row-level security. It
 * holds the transaction's member scope, as the policies do.
 */
function searchSql(query: LeadQuery, after: Position | null, limit: number): Prisma.Sql {
  return Prisma.sql`SELECT search_lead_ids(${query.words}::text[], ${orNull(query.status)}::text[], ${orNull(query.county)}::text[],
    ${orNull(query.band)}::text[], ${query.firstSeen.from}::timestamptz, ${query.firstSeen.to}::timestamptz,
    ${query.arrested.from}::timestamptz, ${query.arrested.to}::timestamptz, ${query.sort}, ${query.descending},
    ${after?.key ?? null}, ${after?.id ?? null}::uuid, ${limit}::int)`;
}

/** Counts by band, of at most `cap` leads: an exact count of a large firm would cost more than its page. */
export function countSql(tenantId: string, query: LeadQuery, cap: number): Prisma.Sql {
  if (query.words.length > 0) {
    return Prisma.sql`SELECT band, count(*)::int AS n FROM lead WHERE ${found(tenantId, query, null, cap)} GROUP BY band`;
  }
  const conditions = [
    Prisma.sql`tenant_id = ${tenantId}::uuid`,
    ...listsOf(query).map(oneOf),
    ...sharedConditions(query, null),
  ];
  return Prisma.sql`SELECT band, count(*)::int AS n
    FROM (SELECT band FROM lead WHERE ${Prisma.join(conditions, " AND ")} LIMIT ${cap}) AS l GROUP BY band`;
}
