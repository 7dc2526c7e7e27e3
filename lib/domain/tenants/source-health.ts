import type { IngestRunDto } from "@/lib/contracts/ingest";
import { asPlatform } from "../context/in-tenant";

/** The last run of a source, over all active firms, and when the last good one ended. Row accounting as the worker reported it. */
export type SourceHealth = {
  source: string;
  county: string | null;
  status: string;
  startedAt: Date;
  finishedAt: Date | null;
  lastGoodAt: Date | null;
  found: number | null;
  new: number | null;
  changed: number | null;
  same: number | null;
  rejected: number | null;
  suppressed: number | null;
  withdrawn: number | null;
};

/** Every source that ever ran for a firm that is active, by name. */
export const listSourceHealth = (): Promise<SourceHealth[]> =>
  asPlatform(
    "source health",
    (tx) => tx.$queryRaw<SourceHealth[]>`
    WITH run AS (
      SELECT r.source, r.county, r.status, r.started_at, r.finished_at, r.found, r.new, r.changed, r.same, r.rejected, r.suppressed, r.withdrawn
      FROM ingest_run r JOIN tenant t ON t.id = r.tenant_id WHERE t.status = 'active')
    SELECT DISTINCT ON (r.source) r.source, r.county, r.status, r.started_at AS "startedAt", r.finished_at AS "finishedAt",
           g.at AS "lastGoodAt", r.found, r.new, r.changed, r.same, r.rejected, r.suppressed, r.withdrawn
    FROM run r
    LEFT JOIN (SELECT source, max(finished_at) AS at FROM run WHERE status = 'succeeded' GROUP BY source) g USING (source)
    ORDER BY r.source, r.started_at DESC`,
  );

/** The last run of every source and, when a later one failed, the good one before it: what the sources page needs, over all firms. */
export async function listSourceRuns(): Promise<IngestRunDto[]> {
  const sources = await listSourceHealth();
  return sources.flatMap(({ source, county, status, startedAt, finishedAt, lastGoodAt, ...counts }): IngestRunDto[] => {
    const known = Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== null));
    const latest: IngestRunDto = {
      id: source,
      source,
      county,
      status: status as IngestRunDto["status"],
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
      ...known,
    };
    if (status === "succeeded" || !lastGoodAt) return [latest];
    const goodAt = lastGoodAt.toISOString();
    return [latest, { id: source, source, county, status: "succeeded", startedAt: goodAt, finishedAt: goodAt }];
  });
}
