import type { JobPayload, JobType } from "@/lib/contracts/jobs";
import { FailedInPart } from "@/lib/core/in-halves";
import type { Ctx } from "@/lib/domain/context/ctx";
import { lookUp } from "@/lib/domain/enrichment/look-up";
import { verifyFirm } from "@/lib/domain/events/verify-firm";
import { checkEvidence } from "@/lib/domain/leads/evidence/check-evidence";
import { checkImport } from "@/lib/domain/leads/imports/check-import";
import { runImport } from "@/lib/domain/leads/imports/run-import";
import { undoImport } from "@/lib/domain/leads/imports/undo-import";
import { sendAlerts } from "@/lib/domain/outreach/alerts/send-alerts";
import { prepareExport } from "@/lib/domain/reports/exports/prepare-export";
import { lookAtBooking } from "@/lib/domain/sync/acuity/look-at-booking";
import { askOrWait } from "@/lib/domain/sync/ask-later";
import { compareConnection } from "@/lib/domain/sync/compare";
import { handleDelivery } from "@/lib/domain/sync/handle-delivery";
import { mirrorConsultation } from "@/lib/domain/sync/mirror-consultation";
import { runCursor } from "@/lib/domain/sync/run-cursor";
import { startSync } from "@/lib/domain/sync/start-sync";
import { collectAttendance } from "@/lib/domain/sync/zoom/collect-attendance";
import { failureFields, log } from "@/lib/platform/log";
import { countMetrics } from "@/lib/platform/metrics";
import { jobCtx, listFirmIds } from "./job-ctx";
import { SCHEDULED_WORK } from "./scheduled-work";

/**
 * Does a batch of jobs of one type. A `FailedInPart` says by their payloads which of them failed; any other failure is that of all, and they are done again in
 * halves (see run-batch.ts). `requestIds` are those of the requests that set them off, for who does several together.
 */
export type JobHandler<T extends JobType> = (
  payloads: readonly JobPayload<T>[],
  requestIds?: readonly string[],
) => Promise<void>;

/** Which verb does which job. Each is safe to run twice. */
export const HANDLERS: { [T in JobType]: JobHandler<T> } = {
  "enrichment.lookup": lookUpByFirm,
  "audit.verify": async (payloads) => {
    for (const { tenantId } of payloads) await verifyOne(tenantId);
  },
  // The verbs of these three ask by themselves whether the firm is open and its connection works; what they leave stays due.
  "webhook.handle": oneByOne("webhook.handle", (ctx, { deliveryId }) => handleDelivery(ctx, deliveryId)),
  "sync.run": oneByOne("sync.run", (ctx, { cursorId }) => runCursor(ctx, cursorId)),
  "sync.compare": oneByOne("sync.compare", (ctx, { connectionId }) => compareConnection(ctx, connectionId)),
  "booking.look": oneByOne("booking.look", (ctx, payload) => {
    const { connectionId, sourceId } = payload;
    const job = { type: "booking.look", payload, by: { connectionId } } as const;
    return askOrWait(ctx, job, () => lookAtBooking(ctx, { connectionId, sourceId }));
  }),
  "attendance.collect": oneByOne("attendance.collect", (ctx, payload) => {
    const job = { type: "attendance.collect", payload, by: { provider: "zoom" } } as const;
    return askOrWait(ctx, job, () => collectAttendance(ctx, payload.consultationId));
  }),
  "sync.connected": oneByOne("sync.connected", (ctx, payload) => {
    const { connectionId } = payload;
    const job = { type: "sync.connected", payload, by: { connectionId } } as const;
    return askOrWait(ctx, job, () => startSync(ctx, connectionId));
  }),
  "sync.consultation": oneByOne("sync.consultation", (ctx, payload) => {
    const job = { type: "sync.consultation", payload, by: null } as const;
    return askOrWait(ctx, job, () => mirrorConsultation(ctx, payload.consultationId));
  }),
  "export.prepare": oneByOne("export.prepare", (ctx, { exportId }) => prepareExport(ctx, exportId)),
  "import.check": oneByOne("import.check", (ctx, { importId }) => checkImport(ctx, importId)),
  "import.run": oneByOne("import.run", (ctx, { importId }) => runImport(ctx, importId)),
  "import.undo": oneByOne("import.undo", (ctx, { importId }) => undoImport(ctx, importId)),
  "alerts.send": alertByFirm,
  "evidence.check": oneByOne("evidence.check", (ctx, { evidenceId }) => checkEvidence(ctx, evidenceId)),
  "schedule.run": async (payloads) => {
    for (const { schedule } of payloads) await runForAllFirms(schedule);
  },
};

/** A handler that restores the firm from each payload and calls one verb. A function, since the table above is made before what follows it. */
function oneByOne<T extends Exclude<JobType, "schedule.run">>(
  type: T,
  verb: (ctx: Ctx, payload: JobPayload<T>) => Promise<unknown>,
): JobHandler<T> {
  return async (payloads) => {
    for (const payload of payloads) await verb(jobCtx(payload.tenantId, type), payload);
  };
}

/**
 * One call of the verb for each firm: a firm's checks share its slots, and firms do not wait for each other, nor fail with each other. No vendor is asked for a
 * firm that was suspended since: its checks stay pending, and the sweep enqueues them again once it is open.
 */
async function lookUpByFirm(
  payloads: readonly JobPayload<"enrichment.lookup">[],
  requestIds: readonly string[] = [],
): Promise<void> {
  const causes = new Map(payloads.map(({ enrichmentId }, index) => [enrichmentId, requestIds[index]]));
  const byFirm = Map.groupBy(payloads, (payload) => payload.tenantId);
  const active = await listFirmIds({ among: [...byFirm.keys()] });
  const failures = new Map<object, unknown>();
  const one = async (tenantId: string) => {
    const own = byFirm.get(tenantId) ?? [];
    const ids = own.map((payload) => payload.enrichmentId);
    try {
      await lookUp(jobCtx(tenantId, "enrichment.lookup"), ids, (id) => causes.get(id));
    } catch (error) {
      for (const payload of own) {
        if (!(error instanceof FailedInPart)) failures.set(payload, error);
        else if (error.failures.has(payload.enrichmentId))
          failures.set(payload, error.failures.get(payload.enrichmentId));
      }
    }
  };
  await Promise.all(active.map(one));
  if (failures.size > 0) throw new FailedInPart(failures);
}

/** Nobody is told of a firm's leads while it is shut; what waits grows old and ends. */
async function alertByFirm(payloads: readonly JobPayload<"alerts.send">[]): Promise<void> {
  const active = await listFirmIds({ among: [...new Set(payloads.map((payload) => payload.tenantId))] });
  for (const tenantId of active) await sendAlerts(jobCtx(tenantId, "alerts.send"));
}

/** Verifies a firm's chain; what is wrong is an alarm (lib/domain/events/watch-seals.ts), not a failure of the job. */
async function verifyOne(tenantId: string): Promise<void> {
  const report = await verifyFirm(jobCtx(tenantId, "audit.verify"));
  if (report.intact) log.info("a chain is intact", { job: "audit.verify", tenantId, count: report.sealed });
  else {
    countMetrics({ AuditAlarms: 1 });
    log.error("a chain is broken", {
      job: "audit.verify",
      event: "audit_broken",
      tenantId,
      kind: report.problem,
      count: report.sequence,
    });
  }
}

/** Runs one schedule now, for every firm that it is for; the failures of single firms are logged and left to the next slot. */
export async function runForAllFirms(schedule: keyof typeof SCHEDULED_WORK): Promise<void> {
  const { run, full, forShutFirms } = SCHEDULED_WORK[schedule];
  let count = 0;
  for (const tenantId of await listFirmIds({ shutOnesToo: forShutFirms })) {
    try {
      for (;;) {
        const done = await run(jobCtx(tenantId, schedule));
        count += done;
        if (full === undefined || done < full) break;
      }
    } catch (error) {
      log.error("a schedule failed for a firm", { job: schedule, tenantId, ...failureFields(error) });
    }
  }
  if (count > 0) log.info("schedule done", { job: schedule, count });
}
