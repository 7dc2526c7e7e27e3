/** What the name of the queue of what failed as often as it may ends with. */
export const DEAD = ".dead";

/** The queue of what failed as often as it may in this one. */
export const deadOf = (queue: string): string => `${queue}${DEAD}`;

/** What SQS calls the queues of one kind of job, for what is to be done and for what could not be: by a rule, so that no setting has to list them. */
export function sqsNames(prefix: string, queue: string): { jobs: string; dead: string } {
  const name = `${prefix}${queue.replaceAll(".", "-")}`;
  return { jobs: `${name}.fifo`, dead: `${name}-dead.fifo` };
}
