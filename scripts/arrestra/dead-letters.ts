import { deadOf } from "@/lib/core/queue-names";
import { env, requireEnv } from "@/lib/platform/env";
import { startBoss } from "@/lib/platform/queue-boss";
import { redriveSqs } from "@/lib/platform/sqs-dead-letters";

/** How many went back to their queue, and how many are left. */
export type Redriven = { moved: number; left: number };

/** Puts the oldest dead letters of a queue back into it, at most `limit`: rows, and with QUEUE=sqs those of SQS, where rows are those of before. */
export async function redriveDead(queue: string, limit: number): Promise<Redriven> {
  const rows = await redriveRows(queue, limit);
  if (env().QUEUE === "postgres") return rows;
  const carried = await redriveSqs(requireEnv("SQS_URL_PREFIX"), queue, limit - rows.moved);
  return { moved: rows.moved + carried.moved, left: rows.left + carried.left };
}

/**
 * Puts the oldest dead letters of a queue back into it, at most `limit`, in one statement: each is a new job with all its tries, and its dead letter is gone.
 * Two at once take different ones; with nothing left it does nothing.
 */
async function redriveRows(queue: string, limit: number): Promise<Redriven> {
  const { boss, close } = await startBoss({ max: 1, supervise: false, name: "redrive" });
  try {
    const moved = await boss.redrive(deadOf(queue), { limit });
    const { total } = await boss.previewRedrive(deadOf(queue));
    return { moved, left: total };
  } finally {
    await close().catch(() => undefined);
  }
}
