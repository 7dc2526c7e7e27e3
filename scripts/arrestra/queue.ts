import { JOBS, JOBS_PER_FIRM } from "@/lib/contracts/jobs";
import { DEAD } from "@/lib/core/queue-names";
import { readAllQueues } from "@/lib/platform/queue-health";
import { BadUsage, CALLED, read, type Say, text, wholeNumber } from "./command";
import { redriveDead } from "./dead-letters";

/** The queue that a person means, also by the name of its dead letters. @throws BadUsage */
export function queueOf(given = ""): string {
  const queue = given.endsWith(DEAD) ? given.slice(0, -DEAD.length) : given;
  if (!Object.hasOwn(JOBS, queue)) throw new BadUsage(`There is no queue ${queue}: ${Object.keys(JOBS).join(", ")}.`);
  return queue;
}

const figure = (count: number): string => count.toLocaleString("en-US");

export async function listQueues(args: string[], say: Say): Promise<number> {
  read(args, {});
  const queues = await readAllQueues(Object.keys(JOBS), JOBS_PER_FIRM);
  for (const { queue, waiting, active, oldestWaitingSeconds } of queues) {
    const oldest = oldestWaitingSeconds === null ? "" : `oldest ${figure(oldestWaitingSeconds)} s`;
    say(
      `${queue.padEnd(28)} ${figure(waiting).padStart(9)} waiting ${figure(active).padStart(6)} active  ${oldest}`.trimEnd(),
    );
  }
  const dead = queues.filter(({ queue }) => queue.endsWith(DEAD));
  if (queues.length === 0) say("No job waits or runs.");
  for (const { queue } of dead)
    say(`When its cause is mended: ${CALLED} queue redrive ${queue.slice(0, -DEAD.length)}`);
  return 0;
}

export async function redriveQueue(args: string[], say: Say): Promise<number> {
  const { values, words } = read(args, { "at-most": text }, 1);
  const queue = queueOf(words[0]);
  const limit = wholeNumber(values["at-most"] ?? "1000", "at-most", { from: 1, to: 100_000 });
  const { moved, left } = await redriveDead(queue, limit);
  say(`${queue}: ${figure(moved)} dead letters were requeued; ${figure(left)} are left.`);
  if (moved > 0) say(`Next: ${CALLED} queue list, after a while. What fails again comes back to ${queue}${DEAD}.`);
  if (left > 0) say("The same command takes the next ones.");
  return 0;
}
