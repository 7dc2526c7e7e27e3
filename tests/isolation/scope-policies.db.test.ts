import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "@/lib/core/ids";
import type { LeadScope } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { copySql, type ExportSetting } from "@/lib/domain/export/export-sql";
import { closeDatabase, copyClient, type Tx } from "@/lib/platform/db";
import { addUser, asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { ownDatabase } from "../setup/own-database";
import { isInside, MEMBER_ROLE, type PlacedLead, placeLeads, SCOPED_TABLES, strangersIn } from "./scope-firm";

// What the database lets a limited member's transaction reach, asked in plain SQL without any condition of ours.

let firm: TestFirm;
let leads: PlacedLead[];
let admin: pg.Client;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: ownDatabase.adminUrl });
  await admin.connect();
  firm = await makeFirm();
  leads = await placeLeads(firm);
});
afterAll(async () => {
  await admin.end();
  await closeDatabase();
});

const member = async () => (await addUser(firm, { role: MEMBER_ROLE, scope })).asUser();
const scope: LeadScope = { counties: ["Hays"], classes: ["MA"] };
const asLimited = async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => inTenant(await member(), fn);
const nothing: ExportSetting = {
  ...{ status: [], county: [], band: [], topClass: [], words: [] },
  ...{ seenFrom: null, seenTo: null, arrestedFrom: null, arrestedTo: null },
};

it("covers every table that hangs on a lead", async () => {
  const { rows } = await admin.query<{ name: string }>(`
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'lead_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT a.attisdropped ORDER BY 1`);
  expect(rows.map(({ name }) => name)).toEqual(SCOPED_TABLES.filter((table) => table !== "lead").toSorted());
});

it.each(SCOPED_TABLES)("shows a statement without any condition the member's rows of %s alone", async (table) => {
  const column = table === "lead" ? "id" : "lead_id";
  const sql = `SELECT DISTINCT ${column} AS id FROM ${table} WHERE ${column} IS NOT NULL`;
  const { client, done } = await copyClient(firm.id, scope);
  const { rows } = await client.query<{ id: string }>(sql);
  await done(false);
  expect(rows.map(({ id }) => id)).toEqual(leads.filter((lead) => isInside(scope, lead)).map(({ id }) => id));
  const unlimited = await asOwner(firm.id, (owner) => owner.query(sql));
  expect(unlimited.rows).toHaveLength(leads.length);
});

it("lets no statement change, remove or add a row outside", async () => {
  const outside = leads.find((lead) => !isInside(scope, lead)) as PlacedLead;
  const inside = leads.find((lead) => isInside(scope, lead)) as PlacedLead;
  const changed = await asLimited(async (tx) => [
    await tx.$executeRaw`UPDATE lead SET status = 'lost' WHERE id = ${outside.id}::uuid`,
    await tx.$executeRaw`UPDATE contact_point SET basis = 'other' WHERE lead_id = ${outside.id}::uuid`,
    await tx.$executeRaw`DELETE FROM contact_point WHERE lead_id = ${outside.id}::uuid`,
    await tx.$executeRaw`DELETE FROM enrichment WHERE lead_id = ${outside.id}::uuid`,
    await tx.$executeRaw`DELETE FROM charge WHERE lead_id = ${outside.id}::uuid`,
  ]);
  expect(changed).toEqual([0, 0, 0, 0, 0]);
  await expect(asLimited((tx) => tx.$executeRaw`DELETE FROM lead WHERE id = ${inside.id}::uuid`)).rejects.toThrow(
    /permission denied/,
  );
  const at = firm.asUser().clock.now();
  const refused = /row-level security/;
  await expect(
    asLimited((tx) => tx.$executeRaw`UPDATE lead SET county = 'Travis' WHERE id = ${inside.id}::uuid`),
  ).rejects.toThrow(refused);
  await expect(
    asLimited(
      (tx) => tx.$executeRaw`
      INSERT INTO lead_note (tenant_id, id, lead_id, kind, text_cipher, created_at)
      VALUES (${firm.id}::uuid, ${newId()}::uuid, ${outside.id}::uuid, 'note', 'x', ${at})`,
    ),
  ).rejects.toThrow(refused);
  await expect(
    asLimited(
      (tx) => tx.$executeRaw`
      INSERT INTO event (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at)
      VALUES (${firm.id}::uuid, ${newId()}::uuid, 'lead.viewed', ${outside.id}::uuid, 'user', 'x', 'x', '{}', ${at})`,
    ),
  ).rejects.toThrow(refused);
});

it("narrows a COPY that names no county and no class", async () => {
  const { client, done } = await copyClient(firm.id, scope);
  await client.query("SELECT set_config('app.export', $1, true)", [JSON.stringify(nothing)]);
  let csv = "";
  for await (const block of client.query(copyTo(copySql(nothing, "score", true)))) csv += String(block);
  await done(false);
  expect(strangersIn(csv, scope, leads)).toEqual([]);
  expect(csv.trim().split("\n")).toHaveLength(1);
});

// Seen red without: the conditions $12 and $13 of search_lead_ids.
it("holds in the search function, which runs past the policies: it finds no id outside, so it cannot even count them", async () => {
  const rows = await asLimited(
    (tx) => tx.$queryRaw<{ id: string }[]>`
      SELECT search_lead_ids(ARRAY['offense'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'score', true, NULL, NULL, 100) AS id`,
  );
  expect(rows.map(({ id }) => id)).toEqual(leads.filter((lead) => isInside(scope, lead)).map(({ id }) => id));
});

it("shows nothing at all when a limit cannot be read", async () => {
  for (const limit of ["Travis", "[", "{}", '"Travis"']) {
    const read = asLimited(async (tx) => {
      await tx.$executeRaw`SELECT set_config('app.scope_counties', ${limit}, true)`;
      return tx.lead.findMany({ where: { tenantId: firm.id }, select: { id: true } });
    });
    await expect(read).rejects.toThrow();
  }
});
