import { type ScheduleName, SLOT_KEPT_MS } from "@/lib/contracts/jobs";
import { lastSlot } from "@/lib/core/cron";
import { AppError, VendorError } from "@/lib/core/errors";
import { idOf } from "@/lib/core/ids";
import { enqueueSlot } from "@/lib/domain/context/enqueue-slot";
import { housePool } from "@/lib/platform/db";
import type { Receive } from "./play-slots";

const AHEAD_MS = 60_000;
const MINUTE_MS = 60_000;

/** What came of slots: which schedule got a job for which slot, and how often. */
export type Ledger = { receive: Receive; jobs: Map<string, number> };

const keyOf = (schedule: ScheduleName, slot: Date): string => `${schedule}|${slot.toISOString()}`;

/**
 * A ledger with the rules of the queue, for years that the queue itself would take hours to play: a slot to come or a day old is refused, and an id makes one
 * job. With `isSlotAnId: false` every slot that is sent makes a job.
 */
export function makeLedger({ isSlotAnId = true } = {}): Ledger {
  const jobs = new Map<string, number>();
  return {
    jobs,
    async receive(schedule, slot, clock) {
      const ageMs = clock.now().getTime() - slot.getTime();
      if (ageMs < -AHEAD_MS || ageMs > SLOT_KEPT_MS) throw refused();
      const key = keyOf(schedule, slot);
      jobs.set(key, isSlotAnId ? 1 : (jobs.get(key) ?? 0) + 1);
    },
  };
}

/** The verb behind the route that schedulers call, on the queue itself. Notes what it says of each slot. */
export function realLedger(): Ledger {
  const jobs = new Map<string, number>();
  return {
    jobs,
    async receive(schedule, slot, clock) {
      const { isNew } = await enqueueSlot(clock, { schedule, slot: slot.toISOString() }).catch((error: unknown) => {
        throw error instanceof AppError && error.code === "unprocessable" ? refused() : error;
      });
      const key = keyOf(schedule, slot);
      jobs.set(key, (jobs.get(key) ?? 0) + (isNew ? 1 : 0));
    },
  };
}

/** How many of these slots have their job in the queue, by what its table holds. */
export async function jobsInQueue(schedule: ScheduleName, slots: readonly Date[]): Promise<number> {
  const ids = slots.map((slot) => idOf(`${schedule}|${slot.toISOString()}`));
  const { rows } = await housePool().query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pgboss.job WHERE name = 'schedule.run' AND id = ANY($1::uuid[])",
    [ids],
  );
  return rows[0]?.count ?? 0;
}

/** Every time at which something is due, from a time on and before another. */
export function slotsOf(cron: string, { from, to }: { from: Date; to: Date }): Date[] {
  const slots: Date[] = [];
  for (let at = before(cron, to); at && at >= from; at = before(cron, at)) slots.push(at);
  return slots.reverse();
}

/** As the scheduler sees a refusal of the web server. */
const refused = () => new VendorError("arrestra", "rejected", "answered 422", { status: 422 });

/**
 * How many slots were due from a time on and before another, how many of them got no job, and how many jobs were too many. `nameOf` is what a scheduler calls a
 * slot when it does not call it by its time: two slots of one name have one job between them.
 */
export function judge(
  { jobs }: Pick<Ledger, "jobs">,
  schedule: ScheduleName,
  cron: string,
  { from, to, nameOf = (at) => at }: { from: Date; to: Date; nameOf?: (at: Date) => Date },
): { slots: number; missed: number; double: number } {
  const sum = { slots: 0, missed: 0, double: 0 };
  const named = new Set<string>();
  for (const at of slotsOf(cron, { from, to })) {
    const name = keyOf(schedule, nameOf(at));
    const count = named.has(name) ? 0 : (jobs.get(name) ?? 0);
    named.add(name);
    sum.slots += 1;
    if (count === 0) sum.missed += 1;
    else sum.double += count - 1;
  }
  return sum;
}

const before = (cron: string, at: Date): Date | null => lastSlot(cron, new Date(at.getTime() - MINUTE_MS));
