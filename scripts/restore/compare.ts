import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { storedHeads } from "@/lib/domain/events/audit-heads";
import type { NotedHead } from "@/lib/domain/events/noted-heads";
import { CHAIN_PROBLEMS, verifyChain } from "@/lib/domain/events/verify-chain";
import { operatorCtx, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { closeDatabase } from "@/lib/platform/db";
import { withClient } from "../bootstrap-database";
import { asFirm, onOneSnapshot } from "./read-tables";
import { type Acknowledged, type Statement, takeStatement } from "./statement";

/** One thing that was held against the statement. `differences` is empty when it agrees. */
export type Check = { name: string; found: string; differences: string[]; seconds: number };

const operator = provenOperator(newId(), systemClock);
const figure = (count: number): string => count.toLocaleString("en-US");

/**
 * Holds a restored database against what was stated before: row counts, content, every firm's audit chain with the signed heads outside the database, and
 * what was acknowledged. Writes nothing. Heads behind the stated end of a chain belong to what the restore leaves out.
 * @throws Error while the database is still on its way to the point.
 */
export async function compareRestored(before: Statement, restoredUrl: string): Promise<Check[]> {
  let began = performance.now();
  const checked = (name: string, found: string, differences: string[]): Check => {
    const seconds = (performance.now() - began) / 1000;
    began = performance.now();
    return { name, found, differences, seconds };
  };
  await assertRecovered(restoredUrl);
  const after = await takeStatement(restoredUrl, operator, []);
  const rows = Object.values(after.tables).reduce((sum, table) => sum + table.rows, 0);
  const counted = `${figure(rows)} rows in ${Object.keys(after.tables).length} tables`;
  const checks = [
    checked("row counts", counted, countsThatDiffer(before, after)),
    checked("content", `hashes of ${Object.keys(after.tables).length} tables`, contentThatDiffers(before, after)),
  ];
  const chains = await verifyChains(before, restoredUrl);
  checks.push(checked("audit chains", chains.found, chains.differences));
  checks.push(
    checked("signed heads", `newest of ${Object.keys(before.firms).length} firms`, headsThatDiffer(before, after)),
  );
  const lost = await findLost(before, restoredUrl);
  const oldest = lost.map(({ at }) => Date.parse(at)).sort((a, b) => a - b)[0];
  const seconds = oldest === undefined ? 0 : Math.max(0, (Date.parse(before.takenAt) - oldest) / 1000);
  const differences = lost.map(({ leadId, at }) => `lead ${leadId}, acknowledged at ${at}, is not there`);
  checks.push(
    checked("acknowledged writes", `${figure(before.acknowledged.length)} looked for, RPO ${seconds} s`, differences),
  );
  return checks;
}

/** On the way to the point a server may answer already, with an earlier state. */
const assertRecovered = (url: string): Promise<void> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ busy: boolean }>("SELECT pg_is_in_recovery() AS busy");
    if (rows[0]?.busy) throw new Error("The database is still being restored, or is a read replica: compare later.");
  });

const namesOf = (before: Statement, after: Statement): string[] =>
  [...new Set([...Object.keys(before.tables), ...Object.keys(after.tables)])].sort();

function countsThatDiffer(before: Statement, after: Statement): string[] {
  return namesOf(before, after).flatMap((name) => {
    const [was, is] = [before.tables[name], after.tables[name]];
    if (!was || !is) return [`${name}: ${was ? "was read before and is not now" : "is there and was not before"}`];
    return was.rows === is.rows ? [] : [`${name}: ${figure(is.rows)} rows, were ${figure(was.rows)}`];
  });
}

function contentThatDiffers(before: Statement, after: Statement): string[] {
  return Object.keys(before.tables)
    .filter((name) => {
      const [was, is] = [before.tables[name], after.tables[name]];
      return is && was?.hash !== is.hash;
    })
    .map((name) => `${name}: other content`);
}

/** The end of each chain and the newest head up to there, as they were. */
function headsThatDiffer(before: Statement, after: Statement): string[] {
  const ids = [...new Set([...Object.keys(before.firms), ...Object.keys(after.firms)])];
  return ids.flatMap((id) => {
    const [was, is] = [before.firms[id], after.firms[id]];
    if (!was) return [`${is?.slug}: this firm was not there before`];
    if (!is) return [`${was.slug}: the firm is gone`];
    if (was.sealed !== is.sealed)
      return [`${was.slug}: the chain ends at no. ${is.sealed}, and ended at no. ${was.sealed}`];
    if (was.hash !== is.hash) return [`${was.slug}: the chain ends at no. ${is.sealed} with another hash`];
    if (was.newestHead === is.newestHead) return [];
    return [
      `${was.slug}: the signed head of no. ${was.newestHead} is gone or forged; the newest is ${is.newestHead ?? "none"}`,
    ];
  });
}

async function verifyChains(before: Statement, url: string): Promise<{ found: string; differences: string[] }> {
  const differences: string[] = [];
  let [sealed, heads, beyond] = [0, 0, 0];
  await onDatabase(url, async () => {
    for (const [id, firm] of Object.entries(before.firms)) {
      const ctx = operatorCtx(operator, id);
      const kept: NotedHead[] = [];
      for await (const head of storedHeads(ctx.tenantId)) {
        if (head.sequence <= firm.sealed) kept.push(head);
        else beyond += 1;
      }
      const report = await verifyChain(ctx, { heads: kept });
      if (report.intact) {
        sealed += report.sealed;
        heads += report.heads;
      } else differences.push(`${firm.slug}: at no. ${report.sequence}: ${CHAIN_PROBLEMS[report.problem]}`);
    }
  });
  const left = beyond > 0 ? `; ${figure(beyond)} heads tell of what came after the point` : "";
  return { found: `${figure(sealed)} events through ${figure(heads)} signed heads${left}`, differences };
}

/** The verifier reads where APP_DATABASE_URL points. */
async function onDatabase(url: string, work: () => Promise<void>): Promise<void> {
  const usual = process.env.APP_DATABASE_URL;
  await closeDatabase();
  process.env.APP_DATABASE_URL = url;
  try {
    await work();
  } finally {
    await closeDatabase();
    if (usual === undefined) delete process.env.APP_DATABASE_URL;
    else process.env.APP_DATABASE_URL = usual;
  }
}

async function findLost({ firms, acknowledged }: Statement, url: string): Promise<Acknowledged[]> {
  return withClient(url, (client) =>
    onOneSnapshot(client, async () => {
      const lost: Acknowledged[] = [];
      for (const id of Object.keys(firms)) {
        const own = acknowledged.filter(({ tenantId }) => tenantId === id);
        const { rows } = await asFirm(client, id, () =>
          client.query<{ id: string }>("SELECT id FROM lead WHERE tenant_id = $1 AND id = ANY($2)", [
            id,
            own.map(({ leadId }) => leadId),
          ]),
        );
        const there = new Set(rows.map((row) => row.id));
        lost.push(...own.filter(({ leadId }) => !there.has(leadId)));
      }
      return lost;
    }),
  );
}
