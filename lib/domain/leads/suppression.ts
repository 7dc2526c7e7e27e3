import { blindIndex } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";

/** The keyed digest by which a destroyed record is recognised without keeping anything of it. */
export const suppressionDigest = (tenantId: string, source: string, sourceId: string): string =>
  blindIndex(`${source}|${sourceId}`, { tenantId, purpose: "suppression" });

/** Which of these source ids must never come back (Gov't Code 411.0851, 552.1425). One statement. */
export async function findSuppressed(
  tx: Tx,
  tenantId: string,
  source: string,
  sourceIds: string[],
): Promise<Set<string>> {
  const byDigest = new Map(sourceIds.map((id) => [suppressionDigest(tenantId, source, id), id]));
  const rows = await tx.suppression.findMany({
    where: { tenantId, digest: { in: [...byDigest.keys()] } },
    select: { digest: true },
  });
  return new Set(rows.map((row) => byDigest.get(row.digest) as string));
}
