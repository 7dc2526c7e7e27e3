import { setTimeout as delay } from "node:timers/promises";
import { type ScheduleName, SLOT_KEPT_MS, SlotSent } from "@/lib/contracts/jobs";
import type { Clock } from "@/lib/core/clock";
import { lastSlot } from "@/lib/core/cron";
import { VendorError } from "@/lib/core/errors";
import { httpRequest } from "@/lib/platform/http-client";
import { signServiceToken } from "@/lib/platform/jwt";
import { failureFields, log } from "@/lib/platform/log";

const LOOK_EVERY_MS = 1000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/** How a slot is sent. Throws when it was not. */
export type SendOne = (schedule: ScheduleName, slot: Date) => Promise<void>;

type Options = {
  schedules: Readonly<Partial<Record<ScheduleName, { cron: string }>>>;
  send: SendOne;
  clock: Clock;
  signal: AbortSignal;
  /** Waits, or less when the signal says so. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
};

const realPause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

/**
 * Sends the last slot of each schedule until stopped, the one that came before the start too: that catches up with what nobody sent, once. What cannot be
 * sent is tried again, later each time; when the next slot has come meanwhile, that one takes its place. Sending a slot twice is harmless, so any
 * number of processes may do this.
 */
export async function sendSlots({ schedules, ...options }: Options): Promise<void> {
  const all = Object.entries(schedules) as [ScheduleName, { cron: string }][];
  await Promise.all(all.map(([name, { cron }]) => sendSlotsOf(name, cron, options)));
}

async function sendSlotsOf(name: ScheduleName, cron: string, options: Omit<Options, "schedules">): Promise<void> {
  const { send, clock, signal, pause = realPause } = options;
  let sent: number | undefined;
  let waitMs = LOOK_EVERY_MS;
  let failures = 0;
  while (!signal.aborted) {
    const now = clock.now();
    const slot = lastSlot(cron, now);
    // Not "later than the last": a clock that was set back must not silence a schedule until it gets there again.
    if (slot && slot.getTime() !== sent && now.getTime() - slot.getTime() < SLOT_KEPT_MS) {
      try {
        await send(name, slot);
        sent = slot.getTime();
        failures = 0;
      } catch (error) {
        const kind = error instanceof VendorError ? error.kind : undefined;
        log.warn("a slot could not be sent", { job: name, attempt: failures + 1, kind, ...failureFields(error) });
        // What is refused as it is will be refused again: the next slot may be luckier.
        if (isForNothing(error)) sent = slot.getTime();
        else failures += 1;
      }
      waitMs = failures === 0 ? LOOK_EVERY_MS : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    }
    await pause(waitMs, signal);
  }
}

/** A refusal of the slot itself. A refused token is none: the web server may be about to learn a new key. */
const isForNothing = (error: unknown): boolean =>
  error instanceof VendorError && (error.status === 400 || error.status === 404 || error.status === 422);

/** Sends slots to the web server at this address, each call with a token of its own. */
export const sendTo =
  (apiUrl: string): SendOne =>
  async (schedule, slot) => {
    const reply = await httpRequest({
      vendor: "arrestra",
      url: new URL("/api/internal/schedules", apiUrl),
      method: "POST",
      headers: {
        authorization: `Bearer ${await signServiceToken({ issuer: "scheduler", audience: "arrestra-web" })}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ schedule, slot: slot.toISOString() }),
      timeoutMs: 10_000,
      maxBytes: 10_000,
    });
    const { isNew } = SlotSent.parse(reply.json());
    log.info(isNew ? "a slot was sent" : "a slot was there already", { job: schedule });
  };
