import type { FinishIngestRun, IngestRunDto, StartIngestRun } from "@/lib/contracts/ingest";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import type { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvent } from "../events/record-events";

type RunRow = Prisma.IngestRunGetPayload<object>;

/** Opens a run: the row against which a worker accounts for what it found. Needs `leads:ingest`. */
export async function startIngestRun(ctx: Ctx, input: StartIngestRun): Promise<IngestRunDto> {
  requirePermission(ctx, "leads:ingest");
  return inTenant(ctx, async (tx) => {
    const run = await tx.ingestRun.create({
      data: {
        tenantId: ctx.tenantId,
        id: newId(),
        source: input.source,
        county: input.county ?? null,
        startedAt: ctx.clock.now(),
      },
    });
    await recordEvent(tx, ctx, { type: "ingest.run_started", data: { runId: run.id, source: run.source } });
    return toRunDto(run);
  });
}

/**
 * Notes how far a run has come, or how it ended. Every form found is accounted for: found = new + changed + same + rejected + suppressed once
 * the run has ended. Needs `leads:ingest`; saying the same twice changes nothing.
 * @throws AppError `not_found`, or `unprocessable` when an ended run's counts do not add up.
 */
export async function finishIngestRun(ctx: Ctx, id: string, input: FinishIngestRun): Promise<IngestRunDto> {
  requirePermission(ctx, "leads:ingest");
  const accounted = input.new + input.changed + input.same + input.rejected + input.suppressed;
  if (input.status === "succeeded" && accounted !== input.found) {
    throw new AppError("unprocessable", `The run found ${input.found} forms but accounts for ${accounted}.`, {
      invalidParams: [{ name: "found", reason: "must equal new + changed + same + rejected + suppressed" }],
    });
  }
  return inTenant(ctx, async (tx) => {
    const where = { tenantId_id: { tenantId: ctx.tenantId, id } };
    const before = await tx.ingestRun.findUnique({ where });
    if (!before) throw new AppError("not_found", "No such ingest run.");
    const ended = input.status !== "running";
    const { error, ...counts } = input;
    const run = await tx.ingestRun.update({
      where,
      data: { ...counts, error: error ?? null, finishedAt: ended ? (before.finishedAt ?? ctx.clock.now()) : null },
    });
    if (ended && before.status !== run.status) {
      const data = { runId: id, source: run.source, status: run.status };
      await recordEvent(tx, ctx, { type: "ingest.run_finished", data });
    }
    return toRunDto(run);
  });
}

/** The runs of the firm, newest first: the last `limit` of each source. */
export async function listLatestRuns(ctx: Ctx, limit = 10): Promise<IngestRunDto[]> {
  requirePermission(ctx, "sources:read");
  const rows = await inTenant(ctx, async (tx) => {
    const latest = await tx.$queryRaw<{ id: string }[]>`
      SELECT r.id FROM (SELECT DISTINCT source FROM ingest_run WHERE tenant_id = ${ctx.tenantId}::uuid) s,
      LATERAL (SELECT id FROM ingest_run i WHERE i.tenant_id = ${ctx.tenantId}::uuid AND i.source = s.source
               ORDER BY started_at DESC LIMIT ${limit}) r`;
    return tx.ingestRun.findMany({
      where: { tenantId: ctx.tenantId, id: { in: latest.map((run) => run.id) } },
      orderBy: { startedAt: "desc" },
    });
  });
  return rows.map(toRunDto);
}

const toRunDto = ({ tenantId: _firm, status, startedAt, finishedAt, ...run }: RunRow): IngestRunDto => ({
  id: run.id,
  source: run.source,
  county: run.county,
  status: status as IngestRunDto["status"],
  found: run.found ?? undefined,
  new: run.new ?? undefined,
  changed: run.changed ?? undefined,
  same: run.same ?? undefined,
  rejected: run.rejected ?? undefined,
  suppressed: run.suppressed ?? undefined,
  withdrawn: run.withdrawn ?? undefined,
  error: run.error,
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});
