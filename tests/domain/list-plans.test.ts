import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LEAD_SORTS, LeadFilter } from "@/lib/contracts/leads";
import { BANDS } from "@/lib/core/band";
import { COUNTIES, type County } from "@/lib/core/county";
import type { Position } from "@/lib/core/cursor";
import { LEAD_STATUSES, OPEN_STATUSES } from "@/lib/core/lead-status";
import type { Actor, Ctx, LeadScope } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { pageSql, positionOf, toLeadQuery } from "@/lib/domain/leads/lead-query";
import { LEAD_COLUMNS, type LeadRow } from "@/lib/domain/leads/lead-row";
import { listCounties } from "@/lib/domain/leads/list-counties";
import { countLeads } from "@/lib/domain/leads/list-leads";
import { closeDatabase, Prisma } from "@/lib/platform/db";
import { makeFirm, type TestFirm } from "../setup/firms";
import { fillWithLeads, READING_PLACE } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";

const LEADS = 200_000;
const PAGE = 50;
const MAX_BUFFERS = 200;
const MAX_REMOVED = PAGE * 10;
/** Two filters at once read some of each other's rows: a few milliseconds, whatever the firm holds. */
const MAX_COMBINED_BUFFERS = 1500;
/** Far from the tens of thousands that reading the firm's leads one by one would take. */
const MAX_SEARCH_BUFFERS = 1000;

type PlanNode = {
  "Node Type": string;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  "Rows Removed by Filter"?: number;
  "Actual Loops"?: number;
  Plans?: PlanNode[];
};

let firm: TestFirm;
let neighbour: TestFirm;

beforeAll(async () => {
  firm = await makeFirm();
  neighbour = await makeFirm();
  await fillWithLeads(ownDatabase.adminUrl, firm.id, LEADS);
  await fillWithLeads(ownDatabase.adminUrl, neighbour.id, 1000);
  await moveToCounties(firm.id, RURAL, 1000);
}, 180_000);
afterAll(closeDatabase);

/** Twenty counties with few leads each. */
const RURAL = COUNTIES.slice(100, 120);

async function moveToCounties(tenantId: string, counties: readonly County[], leads: number): Promise<void> {
  const admin = new pg.Client({ connectionString: ownDatabase.adminUrl });
  await admin.connect();
  await admin.query(
    `UPDATE lead SET county = ($2::text[])[1 + i % cardinality($2::text[])] FROM generate_series(1, $3::int) AS i
     WHERE tenant_id = $1 AND source_id = 'many-' || (i * 100 + 19)`,
    [tenantId, counties, leads],
  );
  await admin.query("VACUUM (ANALYZE) lead");
  await admin.end();
}

const queryOf = (over: Partial<LeadFilter>, scope: LeadScope | null = null) =>
  toLeadQuery(LeadFilter.parse(over), { ...READING_PLACE, scope });
const removed = (node: PlanNode): number =>
  (node["Rows Removed by Filter"] ?? 0) * (node["Actual Loops"] ?? 1) +
  (node.Plans ?? []).reduce((sum, child) => sum + removed(child), 0);
const nodeTypes = (node: PlanNode): string[] => [node["Node Type"], ...(node.Plans ?? []).flatMap(nodeTypes)];

/** The plan of a page as the app role gets it, with what it really touched. */
async function explain(over: Partial<LeadFilter>, after: Position | null = null, scope: LeadScope | null = null) {
  const sql = pageSql(LEAD_COLUMNS, firm.id, queryOf(over, scope), after, PAGE + 1);
  const [row] = await inTenant(scope ? asMember(scope) : firm.asService(), (tx) =>
    tx.$queryRaw<{ "QUERY PLAN": [{ Plan: PlanNode }] }[]>(Prisma.sql`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`),
  );
  const plan = row?.["QUERY PLAN"][0].Plan as PlanNode;
  return {
    buffers: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
    removed: removed(plan),
    nodes: nodeTypes(plan),
  };
}

const asMember = (scope: LeadScope): Ctx => {
  const ctx = firm.asUser();
  return { ...ctx, actor: { ...(ctx.actor as Extract<Actor, { type: "user" }>), scope } };
};

const cases: [string, Partial<LeadFilter>][] = [
  ["no filter", {}],
  ...LEAD_STATUSES.map((status): [string, Partial<LeadFilter>] => [`status ${status}`, { status: [status] }]),
  ["every open status", { status: [...OPEN_STATUSES] }],
  ...BANDS.map((band): [string, Partial<LeadFilter>] => [`band ${band}`, { band: [band] }]),
  ["two bands", { band: ["hot", "warm"] }],
  ["a common county", { county: ["Travis"] }],
  ["a rare county", { county: ["Loving"] }],
  ["three counties", { county: ["Travis", "Hays", "Williamson"] }],
  ["open in two counties", { status: [...OPEN_STATUSES], county: ["Travis", "Hays"] }],
  ["a rare status in a common county", { status: ["consultation"], county: ["Travis"] }],
];

describe(`a page of ${PAGE} from ${LEADS} leads under the app role`, () => {
  for (const [name, filter] of cases) {
    for (const sort of LEAD_SORTS) {
      it(`reads little more than its own rows: ${name}, by ${sort}`, async () => {
        for (const dir of ["desc", "asc"] as const) {
          const cost = await explain({ ...filter, sort, dir });
          expect(cost, `${dir}: ${JSON.stringify(cost)}`).toSatisfy(
            (c: typeof cost) => c.buffers <= MAX_BUFFERS && c.removed <= MAX_REMOVED && !c.nodes.includes("Seq Scan"),
          );
        }
      });
    }
  }

  const day = { from: "2026-11-19T12:00:00Z", to: "2026-11-20T12:00:00Z" };
  for (const [name, filter] of [
    ["the last day by first seen", { ...day, sort: "firstSeen" }],
    ["the open ones of the last day by first seen", { ...day, status: [...OPEN_STATUSES], sort: "firstSeen" }],
    ["the last day by score", { ...day, sort: "score" }],
    ["the last day's arrests by arrest", { ...day, dateField: "arrested", sort: "arrested" }],
    ["a year by score", { from: "2025-06-01", to: "2026-06-01", sort: "score" }],
  ] as [string, Partial<LeadFilter>][]) {
    it(`stays cheap for a range of dates: ${name}`, async () => {
      const cost = await explain(filter);
      expect(cost, JSON.stringify(cost)).toSatisfy(
        (c: typeof cost) => c.buffers <= MAX_BUFFERS && !c.nodes.includes("Seq Scan"),
      );
    });
  }

  it("costs the same at depth 50,000 as on page 1", async () => {
    const [row] = await inTenant(
      firm.asService(),
      (tx) =>
        tx.$queryRaw<
          LeadRow[]
        >`SELECT * FROM lead WHERE tenant_id = ${firm.id}::uuid ORDER BY first_seen_at DESC, id DESC OFFSET 50000 LIMIT 1`,
    );
    const cost = await explain({ sort: "firstSeen" }, positionOf(row as LeadRow, "firstSeen"));
    expect(cost.buffers).toBeLessThanOrEqual(MAX_BUFFERS);
    expect(cost.removed).toBe(0);
  });

  it("asks the search index for words that few leads have, and the order's index for words that many have", async () => {
    for (const q of ["zymurgy", "fictus 4711,", "driving", "trespass rowan"]) {
      for (const sort of ["score", "firstSeen"] as const) {
        const { buffers } = await explain({ q, sort });
        expect(buffers, `${q} by ${sort}`).toBeLessThanOrEqual(MAX_SEARCH_BUFFERS);
      }
    }
  });

  it("finds a rare word and a common one, in order, and only in the firm's own leads", async () => {
    for (const q of ["zymurgy", "driving", "fictus 4711,", "C-1-CR-26-777", "trespass rowan"]) {
      const { words } = queryOf({ q });
      const sql = pageSql(LEAD_COLUMNS, firm.id, queryOf({ q, sort: "bail" }), null, PAGE);
      const rows = await inTenant(firm.asService(), (tx) => tx.$queryRaw<(LeadRow & { tenant_id: string })[]>(sql));
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.length).toBeLessThanOrEqual(PAGE);
      const bails = rows.map((row) => Number(row.sort_bail_cents));
      expect(bails).toEqual(bails.toSorted((a, b) => b - a));
      const [truth] = await inTenant(
        firm.asService(),
        (tx) =>
          tx.$queryRaw<
            { n: number }[]
          >`SELECT count(*)::int AS n FROM lead WHERE search_text LIKE ALL (${words.map((w) => `%${w}%`)})`,
      );
      expect(rows.length).toBe(Math.min(PAGE, truth?.n ?? -1));
    }
  });
});

it("finds the same leads of a band in the order of the score, which knows its bounds, as in any other", async () => {
  const bands = [
    ["hot"],
    ["warm"],
    ["cool"],
    ["hot", "warm"],
    ["warm", "cool"],
    ["hot", "cool"],
  ] as LeadFilter["band"][];
  for (const band of bands) {
    for (const status of [[], [...LEAD_STATUSES]]) {
      const idsBy = async (sort: LeadFilter["sort"]) => {
        const sql = pageSql(LEAD_COLUMNS, neighbour.id, queryOf({ band, status, sort }), null, 2000);
        const rows = await inTenant(neighbour.asService(), (tx) => tx.$queryRaw<LeadRow[]>(sql));
        return rows.map(({ id }) => id).sort();
      };
      const ids = await idsBy("score");
      expect(ids.length).toBeGreaterThan(0);
      expect(ids).toEqual(await idsBy("firstSeen"));
    }
  }
});

describe.each<[string, LeadScope]>([
  ["one common county", { counties: ["Travis"], classes: [] }],
  ["one rare county", { counties: ["Loving"], classes: [] }],
  ["three counties", { counties: ["Travis", "Hays", "Williamson"], classes: [] }],
  ["twenty counties", { counties: RURAL, classes: [] }],
  ["two classes, one of them rare", { counties: [], classes: ["F1", "F3"] }],
])("a page of a member limited to %s", (_name, scope) => {
  const isCheap = (most: number) => (c: Awaited<ReturnType<typeof explain>>) =>
    c.buffers <= most && !c.nodes.includes("Seq Scan");

  it("reads little more than its own rows, in every order", async () => {
    for (const sort of LEAD_SORTS) {
      for (const dir of ["desc", "asc"] as const) {
        const cost = await explain({ sort, dir }, null, scope);
        expect(cost, `${sort} ${dir}: ${JSON.stringify(cost)}`).toSatisfy(isCheap(MAX_BUFFERS));
        expect(cost.removed).toBeLessThanOrEqual(MAX_REMOVED);
      }
    }
  });

  it("stays cheap under a filter", async () => {
    const filters: Partial<LeadFilter>[] = [
      { status: [...OPEN_STATUSES] },
      { status: ["consultation"] },
      ...BANDS.map((band) => ({ band: [band] })),
      { band: ["hot", "warm"] },
      { county: scope.counties.length > 0 ? [...scope.counties] : ["Travis"] },
      { county: ["Harris"] },
    ];
    for (const filter of filters) {
      for (const sort of LEAD_SORTS) {
        for (const dir of ["desc", "asc"] as const) {
          const cost = await explain({ ...filter, sort, dir }, null, scope);
          const what = `${JSON.stringify(filter)} ${sort} ${dir}: ${JSON.stringify(cost)}`;
          expect(cost, what).toSatisfy(isCheap(MAX_COMBINED_BUFFERS));
        }
      }
    }
  });

  it("finds words within the budget of a search", async () => {
    for (const q of ["zymurgy", "driving", "trespass rowan"]) {
      const { buffers } = await explain({ q, sort: "score" }, null, scope);
      expect(buffers, q).toBeLessThanOrEqual(2 * MAX_SEARCH_BUFFERS);
    }
  });

  it("is counted, and its counties named, without a look at every lead", async () => {
    const { total } = await countLeads(asMember(scope), LeadFilter.parse({}));
    const [truth] = await inTenant(
      asMember(scope),
      (tx) => tx.$queryRaw<{ n: number }[]>`SELECT count(*)::int AS n FROM lead`,
    );
    expect(total).toBe(Math.min(10_000, truth?.n ?? -1));
    const counties = await listCounties(asMember(scope));
    expect(counties.length).toBeGreaterThan(0);
    const own: readonly string[] = scope.counties;
    expect(counties.filter((county) => own.length > 0 && !own.includes(county))).toEqual([]);
  });
});
