import { blindIndex } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import { IMPORT_SOURCE } from "./imports/import-row";
import { likenessOf } from "./imports/row-id";
import type { ParsedRow } from "./parse-ingest-row";

/** The keyed digest by which a destroyed record is recognised without keeping anything of it. */
export const suppressionDigest = (tenantId: string, source: string, sourceId: string): string =>
  blindIndex(`${source}|${sourceId}`, { tenantId, purpose: "suppression" });

type Asked = { sourceId: string; digest: string };

async function findAmong(tx: Tx, tenantId: string, asked: readonly Asked[]): Promise<Set<string>> {
  const rows = await tx.suppression.findMany({
    where: { tenantId, digest: { in: asked.map(({ digest }) => digest) } },
    select: { digest: true },
  });
  const found = new Set(rows.map(({ digest }) => digest));
  return new Set(asked.flatMap(({ sourceId, digest }) => (found.has(digest) ? [sourceId] : [])));
}

/** Which of these source ids must never come back (Gov't Code 411.0851, 552.1425). One statement. */
export function findSuppressed(tx: Tx, tenantId: string, source: string, sourceIds: string[]): Promise<Set<string>> {
  return findAmong(
    tx,
    tenantId,
    sourceIds.map((sourceId) => ({ sourceId, digest: suppressionDigest(tenantId, source, sourceId) })),
  );
}

/**
 * Which of these rows must never come back, by their source ids: by the id itself, or because the row says what a destroyed record said, under another id or from
 * another source. One statement.
 */
export function findSuppressedRows(
  tx: Tx,
  tenantId: string,
  source: string,
  rows: readonly ParsedRow[],
): Promise<Set<string>> {
  const asked = rows.flatMap((row) => {
    if (row.kind === "rejected") return [];
    const { sourceId } = row;
    const own = { sourceId, digest: suppressionDigest(tenantId, source, sourceId) };
    const digest = row.kind === "lead" ? likenessDigest(tenantId, source, row.lead) : null;
    return digest === null ? [own] : [own, { sourceId, digest }];
  });
  return findAmong(tx, tenantId, asked);
}

/**
 * The digest of what a lead says, or null where that is too little: a source that shows arrests may show another one of the same person, so there a name with a birth
 * date alone does not count. A list that says no more of anybody has nothing else to be held against.
 */
export function likenessDigest(
  tenantId: string,
  source: string,
  lead: Parameters<typeof likenessOf>[1],
): string | null {
  const isOfAnArrest = lead.arrestedAt || lead.charges.some(({ causeNumber }) => causeNumber);
  const rowId = source === IMPORT_SOURCE || isOfAnArrest ? likenessOf(tenantId, lead) : null;
  return rowId && suppressionDigest(tenantId, IMPORT_SOURCE, rowId);
}
