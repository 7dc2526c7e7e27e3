import { JOBS, type SendSlot, SLOT_KEPT_MS, type SlotSent } from "@/lib/contracts/jobs";
import type { Clock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { idOf } from "@/lib/core/ids";
import { isDatabaseAway } from "@/lib/platform/db";
import { sendHouseJob } from "@/lib/platform/queue";

/** How far ahead the sender's clock may be. */
const AHEAD_MS = 60_000;
const MINUTE_MS = 60_000;

/**
 * Sends the job of one slot of a schedule, once, however often and from wherever the slot is sent: the job's id is made of both, and the queue keeps ids
 * for longer than a slot may be late. @throws AppError `unprocessable` for a slot that is no whole minute, to come, or a day old; `unavailable`
 */
export async function enqueueSlot(clock: Clock, { schedule, slot }: SendSlot): Promise<SlotSent> {
  const at = new Date(slot);
  const ageMs = clock.now().getTime() - at.getTime();
  if (at.getTime() % MINUTE_MS !== 0) throw noSlot("is not a whole minute");
  if (ageMs < -AHEAD_MS) throw noSlot("has not come yet");
  if (ageMs > SLOT_KEPT_MS) throw noSlot("is more than a day old");
  const data = JOBS["schedule.run"].payload.parse({ schedule });
  try {
    return { isNew: await sendHouseJob("schedule.run", { id: idOf(`${schedule}|${at.toISOString()}`), data }) };
  } catch (cause) {
    if (!isDatabaseAway(cause)) throw cause;
    throw new AppError("unavailable", "The queue is not available right now.", { cause, retryAfterSeconds: 2 });
  }
}

const noSlot = (reason: string): AppError =>
  new AppError("unprocessable", "This is no slot to send.", { invalidParams: [{ name: "slot", reason }] });
