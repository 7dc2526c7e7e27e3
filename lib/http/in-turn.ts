import { AppError } from "@/lib/core/errors";
import type { Ctx } from "@/lib/domain/context/ctx";
import { takeTurn } from "@/lib/platform/firm-share";

const MAX_WAIT_MS = 2000;

/**
 * Does work of a route for a firm with no more than `atOnce` of it under way in this process; without `atOnce`, at once. What waits holds no connection and costs nothing,
 * so that one firm's heavy requests leave the processor to the others. @throws AppError `unavailable` with Retry-After when no turn came in time; nothing was done then.
 */
export async function inTurn<T>(
  { tenantId }: Ctx,
  { route, atOnce }: { route: string; atOnce: number | undefined },
  work: () => Promise<T>,
): Promise<T> {
  if (atOnce === undefined) return work();
  const giveBack = await takeTurn(`${tenantId}|${route}`, { atOnce, maxWaitMs: MAX_WAIT_MS });
  if (!giveBack) {
    const detail =
      "Your firm has too many requests of this kind running at once. Nothing was saved; try again shortly.";
    throw new AppError("unavailable", detail, { retryAfterSeconds: 2 });
  }
  try {
    return await work();
  } finally {
    giveBack();
  }
}
