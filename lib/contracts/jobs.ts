import { z } from "zod";

const tenantId = z.uuid();

/** What runs by the clock; when and why is in lib/jobs/schedules.ts. */
export const SCHEDULE_NAMES = [
  "rescore-due-leads",
  "sweep-lookups",
  "recheck-contacts",
  "purge-expired",
  "verify-domains",
  "sign-heads",
  "watch-audit",
  "verify-audit",
  "sync-due",
  "remind",
  "sweep-files",
  "sweep-alerts",
  "stream-audit",
] as const;
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

/**
 * Every job of the house. The payload holds ids only: the queue's own tables know no tenant, so nothing personal may lie in them. A handler
 * restores the tenant from the payload and must be safe to run twice.
 */
export const JOBS = {
  "enrichment.lookup": {
    payload: z.strictObject({ tenantId, enrichmentId: z.uuid() }),
    /** Retries are decided by the handler from the kind of failure, so the queue itself retries only a crash. */
    attempts: 5,
    timeoutMs: 60_000,
  },
  "audit.verify": {
    payload: z.strictObject({ tenantId }),
    /** What was found is kept with the firm; a crash is tried once more, and else there is the next night. */
    attempts: 2,
    timeoutMs: 3_600_000,
  },
  "booking.look": {
    /** `sourceId`: the id of an appointment at Acuity, digits only. */
    payload: z.strictObject({ tenantId, connectionId: z.uuid(), sourceId: z.string().regex(/^\d{1,20}$/) }),
    attempts: 8,
    timeoutMs: 60_000,
  },
  "webhook.handle": {
    payload: z.strictObject({ tenantId, deliveryId: z.uuid() }),
    attempts: 8,
    timeoutMs: 60_000,
  },
  "sync.run": {
    /** One resource of one connection; what is left over after its turn gets a job of its own. */
    payload: z.strictObject({ tenantId, cursorId: z.uuid() }),
    /** The cursor says when it is due again; a crash is tried once more, and else there is the next minute. */
    attempts: 2,
    timeoutMs: 120_000,
  },
  "sync.consultation": {
    /** Brings meeting, calendar event and CRM record of one consultation up to date. */
    payload: z.strictObject({ tenantId, consultationId: z.uuid() }),
    attempts: 5,
    timeoutMs: 60_000,
  },
  "sync.connected": {
    /** What follows a new connection: webhooks, cursors, the first pull. */
    payload: z.strictObject({ tenantId, connectionId: z.uuid() }),
    attempts: 8,
    timeoutMs: 60_000,
  },
  "sync.compare": {
    /** Compares ours with theirs: at most once a day by the clock, and when a person asks. */
    payload: z.strictObject({ tenantId, connectionId: z.uuid() }),
    attempts: 2,
    timeoutMs: 300_000,
  },
  "attendance.collect": {
    payload: z.strictObject({ tenantId, consultationId: z.uuid() }),
    attempts: 8,
    timeoutMs: 60_000,
  },
  "export.prepare": {
    payload: z.strictObject({ tenantId, exportId: z.uuid() }),
    /** The row counts its own attempts and says why it failed; a worker that died is noticed by the sweep. */
    attempts: 3,
    timeoutMs: 3_600_000,
  },
  "import.check": {
    payload: z.strictObject({ tenantId, importId: z.uuid() }),
    /** The row counts its own attempts, as that of an export does. */
    attempts: 3,
    timeoutMs: 3_600_000,
  },
  "import.run": {
    payload: z.strictObject({ tenantId, importId: z.uuid() }),
    /** Goes on where it ended. */
    attempts: 3,
    timeoutMs: 3_600_000,
  },
  "import.undo": {
    payload: z.strictObject({ tenantId, importId: z.uuid() }),
    attempts: 3,
    timeoutMs: 3_600_000,
  },
  "alerts.send": {
    /** Tells the users who asked of the firm's new HOT leads: all that wait, one message for each person and way. */
    payload: z.strictObject({ tenantId }),
    /** Each row counts its own attempts and says when it is due again; what a crash left, the sweep finds. */
    attempts: 2,
    timeoutMs: 60_000,
  },
  "evidence.check": {
    /** Looks at the uploaded bytes before anybody may open them. */
    payload: z.strictObject({ tenantId, evidenceId: z.uuid() }),
    attempts: 3,
    timeoutMs: 300_000,
  },
  "schedule.run": {
    payload: z.strictObject({ schedule: z.enum(SCHEDULE_NAMES) }),
    /** The next slot does the same work, so a failed one is tried once more and then left to it. */
    attempts: 2,
    timeoutMs: 600_000,
  },
} as const;

/** A slot older than this is not worth catching up: what it would have done, a later one did. */
export const SLOT_KEPT_MS = 24 * 3_600_000;

/** The body of `POST /api/internal/schedules`: one slot of one schedule, a whole minute. */
export const SendSlot = z.strictObject({ schedule: z.enum(SCHEDULE_NAMES), slot: z.iso.datetime() });
export type SendSlot = z.infer<typeof SendSlot>;

/** The reply: `isNew` is false when the slot was sent before. */
export const SlotSent = z.strictObject({ isNew: z.boolean() });
export type SlotSent = z.infer<typeof SlotSent>;

export type JobType = keyof typeof JOBS;

/** A job that may begin and has not for so long is trouble, for the command `health` and for the alarm. */
export const QUEUE_AGE_SECONDS = 300;

/** How many jobs of one firm are under way at once over all processes, for fairness between firms. What is not here has no such limit. */
export const JOBS_PER_FIRM: Partial<Record<JobType, number>> = {
  // Two batches of the four: a flood of one firm leaves room for the others.
  "enrichment.lookup": 100,
  "booking.look": 2,
  "webhook.handle": 2,
  "sync.consultation": 2,
  "sync.connected": 1,
  "sync.run": 2,
  "attendance.collect": 1,
  "export.prepare": 1,
  // Those of one firm would wait for each other's rows anyway.
  "import.check": 1,
  "import.run": 1,
  "import.undo": 1,
  "alerts.send": 1,
  "evidence.check": 1,
};
export type JobPayload<T extends JobType> = z.infer<(typeof JOBS)[T]["payload"]>;
