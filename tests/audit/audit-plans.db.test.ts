import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditFilter } from "@/lib/contracts/audit";
import type { Position } from "@/lib/core/cursor";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { type AuditRow, pageSql, positionOf, selectionOf } from "@/lib/domain/reports/audit/audit-query";
import { closeDatabase, housePool, Prisma } from "@/lib/platform/db";
import { makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";
import { fillWithEvents } from "./chain";

const EVENTS = 200_000;
const PAGE = 101;
/** A page's rows lie scattered in the table, and each is looked up among the seals: some blocks for each row, none for the others. */
const MAX_BUFFERS = PAGE * 10;
const MAX_REMOVED = PAGE * 10;

type PlanNode = {
  "Node Type": string;
  "Index Name"?: string;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  "Rows Removed by Filter"?: number;
  "Actual Loops"?: number;
  Plans?: PlanNode[];
};

let firm: TestFirm;
const rare = newId();
const common = newId();
const leadId = "00000000-0000-7000-8000-000000000007";

beforeAll(async () => {
  firm = await makeFirm();
  const neighbour = await makeFirm();
  await fillWithEvents(ownDatabase.adminUrl, firm.id, EVENTS, [rare, common, newId(), newId()]);
  await fillWithEvents(ownDatabase.adminUrl, neighbour.id, 20_000, [rare, common, newId(), newId()]);
}, 180_000);
afterAll(closeDatabase);

const removed = (node: PlanNode): number =>
  (node["Rows Removed by Filter"] ?? 0) * (node["Actual Loops"] ?? 1) +
  (node.Plans ?? []).reduce((sum, child) => sum + removed(child), 0);
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
const sqlOf = (filter: AuditFilter, after: Position | null) =>
  pageSql(selectionOf(firm.id, filter, "America/Chicago"), after, PAGE);

/** The plan of a page as the app role gets it, with what it really touched. */
async function explain(filter: AuditFilter, after: Position | null = null) {
  const [row] = await inTenant(firm.asService(), (tx) =>
    tx.$queryRaw<{ "QUERY PLAN": [{ Plan: PlanNode }] }[]>(
      Prisma.sql`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sqlOf(filter, after)}`,
    ),
  );
  const plan = row?.["QUERY PLAN"][0].Plan as PlanNode;
  return {
    buffers: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
    removed: removed(plan),
    nodes: nodesOf(plan).map((node) => node["Node Type"]),
  };
}

const cases: [string, AuditFilter][] = [
  ["no filter", {}],
  ["a common kind", { type: "lead.viewed" }],
  ["a kind in between", { type: "lead.exported" }],
  ["a rare kind", { type: "user.invited" }],
  ["a kind that never was", { type: "firm.closed" }],
  ["a group of many kinds", { group: "auth" }],
  ["a group in between", { group: "contact" }],
  ["the largest group", { group: "lead" }],
  ["somebody who did much", { actor: common }],
  ["somebody who did little", { actor: rare }],
  ["somebody who did nothing", { actor: newId() }],
  ["a lead", { lead: leadId }],
  ["a week long ago", { from: "2025-11-03", to: "2025-11-09" }],
  ["a kind in a week long ago", { type: "auth.signed_in", from: "2025-11-03", to: "2025-11-09" }],
  ["a group in a week long ago", { group: "user", from: "2025-11-03", to: "2025-11-09" }],
  ["somebody in a week long ago", { actor: common, from: "2025-11-03", to: "2025-11-09" }],
  ["a common kind by somebody who did much", { actor: common, type: "lead.viewed" }],
  ["a common kind by somebody who did little", { actor: rare, type: "lead.viewed" }],
  ["a rare kind by somebody who did much", { actor: common, type: "user.invited" }],
  ["a group by somebody who did little", { actor: rare, group: "lead" }],
  ["a kind on a lead", { lead: leadId, type: "lead.viewed" }],
];

// Seen red without: event_occurred_idx, event_actor_idx, the moment in event_type_idx, one branch per type.
describe(`a page of the audit trail from ${EVENTS} events under the app role`, () => {
  it.each(cases)("reads little more than its own rows: %s", async (_, filter) => {
    const cost = await explain(filter);
    expect(cost.nodes).not.toContain("Seq Scan");
    expect(cost.removed).toBeLessThan(MAX_REMOVED);
    expect(cost.buffers).toBeLessThan(MAX_BUFFERS);
  });

  it.each(cases)("and the page behind it as well: %s", async (_, filter) => {
    const rows = await inTenant(firm.asService(), (tx) => tx.$queryRaw<AuditRow[]>(sqlOf(filter, null)));
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) return;
    const cost = await explain(filter, positionOf(last));
    expect(cost.removed).toBeLessThan(MAX_REMOVED);
    expect(cost.buffers).toBeLessThan(MAX_BUFFERS);
  });
});

// Seen red with: coalesce() in the comparison, in unsealed_firms.
it("asks which firms have something to seal without reading the events of one that has nothing, however many", async () => {
  const admin = new pg.Client({ connectionString: ownDatabase.adminUrl });
  await admin.connect();
  await admin.query(
    `INSERT INTO event_seal (tenant_id, sequence, event_id, recorded_txid, hash, sealed_at)
     SELECT tenant_id, 1, id, recorded_txid, 'x', now() FROM event WHERE tenant_id = $1 ORDER BY recorded_txid DESC, id DESC LIMIT 1`,
    [firm.id],
  );
  await admin.end();
  const client = await housePool().connect();
  try {
    // From the sixth time on by the plan that is kept.
    for (let turn = 1; turn <= 8; turn += 1) {
      const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT unsealed_firms($1::uuid[])",
        [[firm.id]],
      );
      const plan = rows[0]?.["QUERY PLAN"][0].Plan as PlanNode;
      // The first time reads the catalogue too.
      if (turn > 1) expect(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]).toBeLessThan(200);
    }
  } finally {
    client.release();
  }
});
