import { failureFields, log } from "@/lib/platform/log";

/** A run that says from time to time that it is at work. `assertOurs` throws once the row is another run's or gone. */
export type Beat = { assertOurs(): void; stop(): Promise<void> };

/** Starts to say so every `everyMs`: `say` notes it in the row of the run, in a short transaction of its own, and is false when the row is not its own any more. */
export function startBeat(everyMs: number, say: () => Promise<boolean>): Beat {
  let isLost = false;
  let saying: Promise<void> | null = null;
  const sayOnce = async () => {
    try {
      isLost = !(await say());
    } catch (error) {
      // One that could not be said is not the end of the work; the next one may be.
      log.warn("the progress of a run could not be noted", failureFields(error));
    }
  };
  const timer = setInterval(() => {
    saying ??= sayOnce().finally(() => {
      saying = null;
    });
  }, everyMs);
  return {
    assertOurs() {
      if (isLost) throw new Error("This row is another run's, or nobody's any more.");
    },
    async stop() {
      clearInterval(timer);
      await saying;
    },
  };
}
