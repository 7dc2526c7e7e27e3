import { setTimeout as delay } from "node:timers/promises";
import {
  decryptField,
  ENCRYPTED_COLUMNS,
  type EncryptedColumn,
  encryptField,
  fieldKeyIds,
} from "@/lib/platform/crypto";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";

/** Values of one column of a firm by the key that they were sealed with; `keyId` is null for what is no ciphertext at all. */
export type SealedCount = { table: string; column: string; keyId: string | null; count: number };

/** How far a column of a firm has come. */
export type Reencrypted = { table: string; column: string; rows: number };

type Options = {
  /** Rows read and written at once. */
  batch?: number;
  onBatch?: (done: Reencrypted) => void;
};

type Sealed = { row: string[]; was: string };

const BATCH = 500;
/** Between two rounds, when somebody held a row. */
const HELD_WAIT_MS = 250;

// Identifiers from ENCRYPTED_COLUMNS alone, which is a literal table.
const name = (identifier: string): Prisma.Sql => Prisma.raw(`"${identifier}"`);
const names = (row: readonly string[]): Prisma.Sql => Prisma.join(row.map(name));
/** Columns of keys are uuids where they are named so, and text else. */
const isUuid = (column: string): boolean => /(^|_)id$/.test(column);
const typed = (column: string, value: Prisma.Sql): Prisma.Sql => (isUuid(column) ? Prisma.sql`${value}::uuid` : value);

/** How many values of the firm each key has sealed, column by column: what has to be opened, and whether a key may go. */
export async function countSealed(ctx: Ctx): Promise<SealedCount[]> {
  const counts: SealedCount[] = [];
  for (const { table, column } of ENCRYPTED_COLUMNS) {
    const rows = await inTenant(
      ctx,
      (tx) =>
        tx.$queryRaw<{ keyId: string | null; count: number }[]>`
        SELECT substring(${name(column)} from '^v1[.]([a-z0-9]+)[.]') AS "keyId", count(*)::int AS count
        FROM ${name(table)} WHERE tenant_id = ${ctx.tenantId}::uuid GROUP BY 1 ORDER BY 1`,
    );
    counts.push(...rows.map((row) => ({ table, column, ...row })));
  }
  return counts;
}

/**
 * Seals every value of the firm that an older key of FIELD_KEYS has sealed with the first key, in batches; says how many. A value is replaced only if it still
 * is what was read, and a row that somebody holds is left for the next round: whoever works meanwhile waits for nothing and loses nothing. Broken off it
 * goes on where it was. Other processes must know the first key before this begins. Records `firm.fields_reencrypted`.
 * @throws Error naming table and row when a value does not open.
 */
export async function reencryptFields(ctx: Ctx, { batch = BATCH, onBatch }: Options = {}): Promise<number> {
  const { current } = fieldKeyIds();
  let total = 0;
  for (const each of ENCRYPTED_COLUMNS) {
    let rows = 0;
    const onRows = (count: number) => {
      rows += count;
      onBatch?.({ table: each.table, column: each.column, rows });
    };
    for (;;) {
      const { seen, replaced } = await reencryptOnce(ctx, each, { current, batch, onRows });
      if (seen === 0) break;
      // What somebody held, or wrote anew with an old key, is taken in the next round.
      if (replaced < seen) await delay(HELD_WAIT_MS);
    }
    total += rows;
  }
  if (total > 0) {
    const data = { keyId: current, rows: total };
    await inTenant(ctx, (tx) => recordEvent(tx, ctx, { type: "firm.fields_reencrypted", data }));
  }
  return total;
}

type Round = { current: string; batch: number; onRows: (count: number) => void };

/** One walk through a column in the order of its rows; says how many values of older keys it came across, and how many of them it replaced. */
async function reencryptOnce(ctx: Ctx, column: EncryptedColumn, { current, batch, onRows }: Round) {
  let seen = 0;
  let replaced = 0;
  let after: string[] | null = null;
  for (;;) {
    const found: Sealed[] = await readBatch(ctx, column, { current, batch, after });
    if (found.length > 0) {
      const count = await replace(ctx, column, found);
      replaced += count;
      onRows(count);
    }
    seen += found.length;
    after = found.at(-1)?.row ?? null;
    if (found.length < batch) return { seen, replaced };
  }
}

async function readBatch(
  ctx: Ctx,
  { table, column, row }: EncryptedColumn,
  { current, batch, after }: Pick<Round, "current" | "batch"> & { after: string[] | null },
): Promise<Sealed[]> {
  const behind = after
    ? Prisma.sql`AND (${names(row)}) > (${Prisma.join(row.map((part, i) => typed(part, Prisma.sql`${after[i]}`)))})`
    : Prisma.empty;
  return inTenant(
    ctx,
    (tx) => tx.$queryRaw<Sealed[]>`
      SELECT ARRAY[${Prisma.join(row.map((part) => Prisma.sql`${name(part)}::text`))}] AS row, ${name(column)} AS was
      FROM ${name(table)}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND ${name(column)} NOT LIKE ${`v1.${current}.%`} ${behind}
      ORDER BY ${names(row)} LIMIT ${batch}`,
  );
}

/** Puts new ciphertexts in the place of those that were read, where they still stand and nobody holds the row. */
async function replace(ctx: Ctx, { table, column, row }: EncryptedColumn, found: readonly Sealed[]): Promise<number> {
  const { tenantId } = ctx;
  const values = found.map(({ row: key, was }) => {
    const place = { tenantId, table, column, rowId: key.join("|") };
    return { ...Object.fromEntries(row.map((part, i) => [part, key[i]])), was, sealed: reseal(was, place) };
  });
  const shape = Prisma.join(row.map((part) => Prisma.sql`${name(part)} ${Prisma.raw(isUuid(part) ? "uuid" : "text")}`));
  const same = (left: string, right: string) =>
    Prisma.join(
      row.map((part) => Prisma.sql`${name(left)}.${name(part)} = ${name(right)}.${name(part)}`),
      " AND ",
    );
  return inTenant(
    ctx,
    (tx) => tx.$executeRaw`
      WITH given AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(values)}::jsonb) AS given (${shape}, was text, sealed text)
      ), free AS (
        SELECT given.* FROM ${name(table)} AS held JOIN given ON ${same("held", "given")} AND held.${name(column)} = given.was
        WHERE held.tenant_id = ${tenantId}::uuid FOR UPDATE OF held SKIP LOCKED
      )
      UPDATE ${name(table)} AS target SET ${name(column)} = free.sealed FROM free
      WHERE target.tenant_id = ${tenantId}::uuid AND ${same("target", "free")} AND target.${name(column)} = free.was`,
  );
}

function reseal(was: string, place: Parameters<typeof decryptField>[1]): string {
  try {
    return encryptField(decryptField(was, place), place);
  } catch (cause) {
    const { tenantId, table, column, rowId } = place;
    const where = `${table}.${column} of row ${rowId}, firm ${tenantId}`;
    throw new Error(`A value does not open with the key that it names: ${where}. Nothing of it was changed.`, {
      cause,
    });
  }
}
