import { z } from "zod";

/** The public answer: whether this server can work. */
export const HealthDto = z.strictObject({ status: z.enum(["ok", "unavailable"]) });
export type HealthDto = z.infer<typeof HealthDto>;

const instant = z.string().nullable();
const count = z.int().nullable();

/** What operators see. */
export const HealthDetails = z.strictObject({
  status: z.enum(["ok", "unavailable"]),
  database: z.strictObject({ isUp: z.boolean() }),
  /** Null when the run-time role may not see the migrations. */
  migrations: z.strictObject({ last: z.string().nullable(), count: z.int(), unfinished: z.int() }).nullable(),
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
