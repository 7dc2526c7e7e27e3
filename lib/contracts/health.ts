import { z } from "zod";

/** The public answer: whether this server can work, and as which release it was built. `draining`: it was told to end and serves on for a moment. */
export const HealthDto = z.strictObject({
  status: z.enum(["ok", "unavailable", "draining"]),
  release: z.string().optional(),
});
export type HealthDto = z.infer<typeof HealthDto>;

const instant = z.string().nullable();
const count = z.int().nullable();

/** The alarms of the audit trails: over all firms, and how many firms have each. docs/runbooks/audit-alarm.md says what to do. */
const AuditHealth = z.strictObject({
  alarms: z.int(),
  broken: z.int(),
  unsealed: z.int(),
  head_late: z.int(),
  unverified: z.int(),
  unwatched: z.int(),
  /** Since when the oldest of them has gone on. */
  since: instant,
});

/** What operators see. */
export const HealthDetails = z.strictObject({
  status: z.enum(["ok", "unavailable"]),
  database: z.strictObject({ isUp: z.boolean() }),
  /** Null when the run-time role may not see the migrations. */
  migrations: z.strictObject({ last: z.string().nullable(), count: z.int(), unfinished: z.int() }).nullable(),
  /** Null when the database does not answer. */
  audit: AuditHealth.nullable(),
  queues: z.array(
    z.strictObject({
      queue: z.string(),
      waiting: z.int(),
      active: z.int(),
      oldestWaitingSeconds: z.int().nullable(),
    }),
  ),
  sources: z.array(
    z.strictObject({
      source: z.string(),
      county: z.string().nullable(),
      status: z.string(),
      startedAt: z.string(),
      finishedAt: instant,
      lastGoodAt: instant,
      found: count,
      new: count,
      changed: count,
      same: count,
      rejected: count,
      suppressed: count,
      withdrawn: count,
    }),
  ),
});
export type HealthDetails = z.infer<typeof HealthDetails>;
