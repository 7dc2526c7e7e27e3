import type { IngestEnvelope, IngestOutcome, IngestReport, IngestResult } from "@/lib/contracts/ingest";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { afterCommit, type Tx } from "@/lib/platform/db";
import { countMetrics } from "@/lib/platform/metrics";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import type { AnyEvent } from "../events/catalog";
import { recordEvents } from "../events/record-events";
import { alertHotLeads } from "./alert-hot-leads";
import { upsertSourceContacts } from "./contacts";
import { findKnownLeads, findThresholds, lockSource } from "./known-leads";
import { parseBatch } from "./parse-ingest-row";
import { planBatch } from "./plan-batch";
import { requestLookups } from "./request-lookups";
import { findSuppressedRows } from "./suppression";
import {
  insertCharges,
  insertLeads,
  insertObservations,
  reopenLeads,
  touchLeads,
  updateLeads,
  withdrawLeads,
} from "./write-leads";

/** How far ahead of our clock a worker's may run. */
const MAX_AHEAD_MS = 5 * 60_000;
/** Nobody looked at a source before that. */
const FIRST_LOOK = new Date("1900-01-01T00:00:00Z");

/**
 * Takes one batch of a source: keeps what was shown as observations, brings leads and charges up to date, records typed changes and queues
 * look-ups of contacts, all in one transaction. Every row is accounted for; a bad row never sinks the others. Posting the same batch again changes
 * nothing. Needs `leads:ingest`.
 * @throws AppError `unprocessable` when `observedAt` is over 5 minutes ahead or before 1900, or `runId` is not a run of this firm.
 */
export async function ingestLeads(ctx: Ctx, envelope: IngestEnvelope): Promise<IngestReport> {
  requirePermission(ctx, "leads:ingest");
  const now = ctx.clock.now();
  const observedAt = envelope.observedAt ? new Date(envelope.observedAt) : now;
  if (observedAt.getTime() > now.getTime() + MAX_AHEAD_MS) {
    throw unacceptable("observedAt", "must not be more than 5 minutes ahead");
  }
  if (observedAt < FIRST_LOOK) throw unacceptable("observedAt", "must not be before 1900");
  const { parsed, superseded } = parseBatch(envelope.leads, { now, observedAt });
  const rows = parsed.filter((row) => row.kind !== "rejected" && !superseded.has(row.index));
  const batchId = newId();

  return inTenant(ctx, async (tx) => {
    await requireRun(tx, ctx, envelope.runId);
    await lockSource(tx, ctx.tenantId, envelope.source);
    const ids = rows.map((row) => row.sourceId as string);
    const known = await findKnownLeads(tx, ctx.tenantId, envelope.source, ids);
    const suppressed = await findSuppressedRows(tx, ctx.tenantId, envelope.source, rows);
    const thresholds = await findThresholds(tx, ctx.tenantId);
    const plan = planBatch(rows, {
      known,
      suppressed,
      batchId,
      source: envelope.source,
      at: { now, observedAt, thresholds },
    });

    const at = { tenantId: ctx.tenantId, source: envelope.source, observedAt, now };
    await insertLeads(tx, plan.created, at);
    await updateLeads(tx, plan.updated, at);
    await insertCharges(tx, plan.charges, ctx.tenantId);
    await touchLeads(tx, plan.touched, at);
    await withdrawLeads(tx, plan.withdrawn, at);
    await reopenLeads(tx, plan.reopened, ctx.tenantId);
    await insertObservations(tx, plan.observations, batchId, at);
    // Before the contacts', so that a lead's history begins with the lead.
    await recordEvents(tx, ctx, plan.events);

    const withNewContact = await upsertSourceContacts(tx, ctx, plan.contacts);
    for (const [index, done] of plan.outcomes) {
      if (done.outcome === "unchanged" && withNewContact.has(done.leadId ?? "")) {
        plan.outcomes.set(index, { ...done, outcome: "updated" });
      }
    }
    const withContact = [...new Set(plan.contacts.map((contact) => contact.leadId))];
    if (withContact.length > 0) await requestLookups(tx, ctx, withContact);

    await alertHotLeads(tx, ctx, { source: envelope.source, observedAt, plan });

    const results = parsed.map((row): IngestResult => {
      const { index, sourceId } = row;
      if (row.kind === "rejected") return { index, sourceId, outcome: "rejected", problem: row.problem };
      if (superseded.has(index)) return { index, sourceId, outcome: "superseded" };
      return { index, sourceId, ...(plan.outcomes.get(index) as Pick<IngestResult, "outcome">) };
    });
    const report = { batchId, received: results.length, ...tally(results), results };
    const juvenile = results.filter((result) => result.problem?.code === "juvenile").length;
    await recordEvents(tx, ctx, rejectionEvent(report, envelope.source, juvenile));
    await recordBatch(tx, ctx, envelope, { ...report, juvenile, observedAt, now });
    afterCommit(tx, () =>
      countMetrics({
        RowsCreated: report.created,
        RowsUpdated: report.updated,
        RowsUnchanged: report.unchanged,
        RowsRejected: report.rejected,
      }),
    );
    return report;
  });
}

const unacceptable = (name: string, reason: string) =>
  new AppError("unprocessable", `${name} ${reason}.`, { invalidParams: [{ name, reason }] });

async function requireRun(tx: Tx, ctx: Ctx, runId: string | undefined): Promise<void> {
  if (!runId) return;
  const run = await tx.ingestRun.findUnique({ where: { tenantId_id: { tenantId: ctx.tenantId, id: runId } } });
  if (!run) throw unacceptable("runId", "is not an ingest run of this firm");
}

function tally(results: readonly IngestResult[]) {
  const count = (outcome: IngestOutcome) => results.filter((result) => result.outcome === outcome).length;
  return {
    created: count("created"),
    updated: count("updated"),
    unchanged: count("unchanged"),
    rejected: count("rejected"),
    superseded: count("superseded"),
    suppressed: count("suppressed"),
  };
}

function rejectionEvent(report: IngestReport, source: string, juvenile: number): AnyEvent[] {
  if (report.rejected === 0) return [];
  return [
    { type: "ingest.rows_rejected", data: { batchId: report.batchId, source, rejected: report.rejected, juvenile } },
  ];
}

async function recordBatch(
  tx: Tx,
  ctx: Ctx,
  { source, runId }: IngestEnvelope,
  { results: _rows, batchId, now, ...facts }: IngestReport & { juvenile: number; observedAt: Date; now: Date },
): Promise<void> {
  await tx.ingestBatch.create({
    data: {
      tenantId: ctx.tenantId,
      id: batchId,
      runId: runId ?? null,
      source,
      actorType: ctx.actor.type,
      actorId: ctx.actor.id,
      receivedAt: now,
      ...facts,
    },
  });
}
