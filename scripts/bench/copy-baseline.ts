// The least that storing leads can cost: COPY into a table of the same columns, indexes and constraints, then the events in one
// statement; as superuser, without row-level security, in one transaction, its text made beforehand.

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { IngestLead } from "@/lib/contracts/ingest";
import { newId } from "@/lib/core/ids";
import { parseBatch } from "@/lib/domain/leads/parse-ingest-row";
import { planBatch } from "@/lib/domain/leads/plan-batch";

const BATCH = 1000;

/** What ingest would write for these leads, as COPY's text by table. */
export type CopyText = {
  tenantId: string;
  lead: Buffer;
  charge: Buffer;
  observation: Buffer;
  columns: Record<string, string>;
};

/** Makes the scratch tables: same columns, defaults, checks, indexes and foreign keys. */
export async function makeScratchTables(admin: pg.Client): Promise<void> {
  await admin.query(`
    CREATE SCHEMA scratch;
    CREATE TABLE scratch.lead (LIKE public.lead INCLUDING ALL, FOREIGN KEY (tenant_id) REFERENCES public.tenant (id)) WITH (fillfactor = 85);
    CREATE TABLE scratch.charge (LIKE public.charge INCLUDING ALL, FOREIGN KEY (tenant_id, lead_id) REFERENCES scratch.lead (tenant_id, id));
    CREATE TABLE scratch.observation (LIKE public.observation INCLUDING ALL, FOREIGN KEY (tenant_id, lead_id) REFERENCES scratch.lead (tenant_id, id));
    CREATE TABLE scratch.event (LIKE public.event INCLUDING ALL)`);
}

/** Renders the rows that ingest makes of these leads. */
export function renderCopy(tenantId: string, leads: readonly IngestLead[]): CopyText {
  const now = new Date();
  const at = { now, observedAt: now };
  const seen = now.toISOString();
  const rows = { lead: [] as object[], charge: [] as object[], observation: [] as object[] };
  for (let start = 0; start < leads.length; start += BATCH) {
    const batchId = newId();
    const plan = planBatch(parseBatch(leads.slice(start, start + BATCH), at).parsed, {
      known: new Map(),
      suppressed: new Set(),
      batchId,
      source: "topics.travis",
      at: { ...at, thresholds: { hotFrom: 70, warmFrom: 40 } },
    });
    const always = {
      tenant_id: tenantId,
      source: "topics.travis",
      observed_at: seen,
      first_seen_at: seen,
      last_seen_at: seen,
    };
    rows.lead.push(...plan.created.map((lead) => ({ ...always, ...lead })));
    rows.charge.push(...plan.charges.map((charge) => ({ tenant_id: tenantId, ...charge })));
    rows.observation.push(
      ...plan.observations.map((row) => ({
        tenant_id: tenantId,
        batch_id: batchId,
        observed_at: seen,
        received_at: seen,
        ...row,
      })),
    );
  }
  const columns = Object.fromEntries(
    Object.entries(rows).map(([table, [first]]) => [table, Object.keys(first ?? {}).join(", ")]),
  );
  return {
    tenantId,
    columns,
    lead: lines(rows.lead),
    charge: lines(rows.charge),
    observation: lines(rows.observation),
  };
}

const lines = (rows: object[]) =>
  Buffer.from(rows.map((row) => `${Object.entries(row).map(field).join("\t")}\n`).join(""));

function field([name, value]: [string, unknown]): string {
  if (value === null) return "\\N";
  const text =
    name === "labels"
      ? `{${(value as string[]).map((label) => JSON.stringify(label)).join(",")}}`
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);
  return text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n");
}

/** Stores the rows in one transaction; with `all` also charges and observations, which ingest writes too. Gives seconds. */
export async function copyIn(admin: pg.Client, text: CopyText, all: boolean): Promise<number> {
  const startedAt = performance.now();
  await admin.query("BEGIN");
  await copyTable(admin, text, "lead");
  if (all) {
    await copyTable(admin, text, "charge");
    await copyTable(admin, text, "observation");
  }
  await admin.query(
    `INSERT INTO scratch.event (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at)
     SELECT tenant_id, gen_random_uuid(), 'lead.ingested', id, 'apiKey', 'bench', 'bench',
       jsonb_build_object('source', source, 'batchId', $2::text, 'charges', charge_count), now() FROM scratch.lead WHERE tenant_id = $1`,
    [text.tenantId, newId()],
  );
  await admin.query("COMMIT");
  return (performance.now() - startedAt) / 1000;
}

async function copyTable(admin: pg.Client, text: CopyText, table: "lead" | "charge" | "observation"): Promise<void> {
  const copy = admin.query(copyFrom(`COPY scratch.${table} (${text.columns[table]}) FROM STDIN`));
  // In blocks, as a file would come.
  const blocks = function* () {
    for (let at = 0; at < text[table].length; at += 65_536) yield text[table].subarray(at, at + 65_536);
  };
  await pipeline(Readable.from(blocks()), copy);
}
