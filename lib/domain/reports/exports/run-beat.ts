import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { ExportRow } from "./export-row";

/** A run that says from time to time that it is at work, and how far. `assertOurs` throws once the row is another run's or gone. */
export type Beat = { assertOurs(): void; stop(): Promise<void> };

/** Starts to say so, each time in a short transaction of its own. */
export function startBeat(ctx: Ctx, { id, runId }: ExportRow, everyMs: number, rowsDone: () => number): Beat {
  let isLost = false;
  let saying: Promise<void> | null = null;
  const say = async () => {
    try {
      const { count } = await inTenant(ctx, (tx) =>
        tx.fileExport.updateMany({
          where: { tenantId: ctx.tenantId, id, runId },
          data: { beatAt: ctx.clock.now(), rowsDone: rowsDone() },
        }),
      );
      isLost = count === 0;
    } catch (error) {
      // One that could not be said is not the end of the file; the next one may be.
      log.warn("the progress of an export could not be noted", failureFields(error));
    }
  };
  const timer = setInterval(() => {
    saying ??= say().finally(() => {
      saying = null;
    });
  }, everyMs);
  return {
    assertOurs() {
      if (isLost) throw new Error("This export is another run's, or nobody's any more.");
    },
    async stop() {
      clearInterval(timer);
      await saying;
    },
  };
}
