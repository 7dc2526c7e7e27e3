import { statfsSync } from "node:fs";
import pg from "pg";
import { LEAD_SORTS, LeadFilter } from "@/lib/contracts/leads";
import { BANDS } from "@/lib/core/band";
import { LEAD_STATUSES, OPEN_STATUSES } from "@/lib/core/lead-status";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { pageSql, toLeadQuery } from "@/lib/domain/leads/lead-query";
import { LEAD_COLUMNS } from "@/lib/domain/leads/lead-row";
import { Prisma } from "@/lib/platform/db";
import { makeFirm, type TestFirm } from "@/tests/setup/firms";
import { fillWithLeads, READING_PLACE } from "@/tests/setup/many-leads";
import { STATE } from "../repository";
import type { Figure } from "./figures";
import type { House } from "./house";

const PAGE = 50;
/** A lead with its indexes, and as much again while they are built. */
const BYTES_PER_LEAD = 6_000;

const FILTERS: [string, Partial<LeadFilter>][] = [
  ["no filter", {}],
  ...LEAD_STATUSES.map((status): [string, Partial<LeadFilter>] => [`status ${status}`, { status: [status] }]),
  ["every open status", { status: [...OPEN_STATUSES] }],
  ...BANDS.map((band): [string, Partial<LeadFilter>] => [`band ${band}`, { band: [band] }]),
  ["a common county", { county: ["Travis"] }],
  ["a rare county", { county: ["Loving"] }],
  ["open in two counties", { status: [...OPEN_STATUSES], county: ["Travis", "Hays"] }],
  ["a rare status in a common county", { status: ["consultation"], county: ["Travis"] }],
];

type Node = {
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  "Rows Removed by Filter"?: number;
  "Actual Loops"?: number;
  Plans?: Node[];
};

/** Goal 5: what a page touches under the app role, for every filter, sort and direction; the worst one counts. */
export async function explainPages(firm: TestFirm, leads: number): Promise<Figure[]> {
  const worst = { buffers: { value: 0, from: "" }, rows: { value: 0, from: "" } };
  for (const [name, filter] of FILTERS) {
    for (const sort of LEAD_SORTS) {
      for (const dir of ["desc", "asc"] as const) {
        const plan = await explain(firm, { ...filter, sort, dir });
        const buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
        const from = `${name} by ${sort} ${dir}`;
        if (buffers > worst.buffers.value) worst.buffers = { value: buffers, from };
        if (removed(plan) > worst.rows.value) worst.rows = { value: removed(plan), from };
      }
    }
  }
  const of = `a page of ${PAGE} of ${leads.toLocaleString("en-US")} leads, worst of every filter and sort`;
  return [
    { goal: 5, what: `buffers read for ${of}`, unit: "buffers", limit: { atMost: 200 }, ...worst.buffers },
    { goal: 5, what: `rows removed by filter for ${of}`, unit: "rows", limit: { atMost: PAGE * 10 }, ...worst.rows },
  ];
}

async function explain(firm: TestFirm, over: Partial<LeadFilter>): Promise<Node> {
  const query = toLeadQuery(LeadFilter.parse(over), READING_PLACE);
  const sql = pageSql(LEAD_COLUMNS, firm.id, query, null, PAGE + 1);
  const [row] = await inTenant(firm.asService(), (tx) =>
    tx.$queryRaw<{ "QUERY PLAN": [{ Plan: Node }] }[]>(Prisma.sql`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`),
  );
  if (!row) throw new Error("EXPLAIN said nothing");
  return row["QUERY PLAN"][0].Plan;
}

const removed = (node: Node): number =>
  (node["Rows Removed by Filter"] ?? 0) * (node["Actual Loops"] ?? 1) +
  (node.Plans ?? []).reduce((sum, child) => sum + removed(child), 0);

/** The same for a firm of this many leads made for it; where the disk does not allow that, says so and gives nothing. */
export async function explainManyLeads(house: House, leads: number): Promise<Figure[]> {
  const { bavail, bsize } = statfsSync(STATE);
  if (bavail * bsize < leads * BYTES_PER_LEAD) {
    console.log(`    not enough disk for ${leads.toLocaleString("en-US")} leads: left out`);
    return [];
  }
  const firm = await makeFirm();
  await withoutIndexes(house, () => fillWithLeads(house.adminUrl, firm.id, leads));
  return explainPages(firm, leads);
}

/** Drops the plain indexes of `lead` and builds them again after `work`: many times faster than keeping them while millions of rows come. */
async function withoutIndexes(house: House, work: () => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: house.adminUrl });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ name: string; definition: string }>(
      `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
       WHERE indrelid = 'public.lead'::regclass AND NOT indisunique`,
    );
    for (const { name } of rows) await admin.query(`DROP INDEX ${name}`);
    await work();
    await admin.query("SET maintenance_work_mem = '1GB'");
    for (const { definition } of rows) await admin.query(definition);
    await admin.query("ANALYZE lead");
  } finally {
    await admin.end();
  }
}
