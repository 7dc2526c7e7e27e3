import { isId } from "@/lib/core/ids";
import { DEAD } from "@/lib/core/queue-names";
import { housePool } from "@/lib/platform/db";
import { env, requireEnv } from "@/lib/platform/env";
import { readSqsQueues } from "@/lib/platform/sqs-health";
import { BadUsage, CALLED, flag, read, type Say } from "./command";
import { queueOf } from "./queue";

type Counted = { name: string; waiting: number; active: number; oldest: Date | null };
type Failing = { name: string; error: string; count: number; last: Date };
type Job = { id: string; name: string; state: string; data: Record<string, unknown>; tries: number; created: Date };

const SHOWN = 20;
/** What the runner noted of the last try, which a dead letter brings along: the class and the code, or what the queue says of one without an end; no other words. */
const NOTED = "coalesce(output, source_output)";
const ERROR = `concat_ws(' ', coalesce(${NOTED}->>'errorName', ${NOTED}->>'reason',
  CASE WHEN ${NOTED}->'value'->>'message' IN ('job timed out', 'job heartbeat timeout') THEN ${NOTED}->'value'->>'message' END, 'no reason kept'),
  ${NOTED}->>'errorCode')`;
const TRIES = "coalesce(source_retry_count, retry_count)";
const FAILING = `name = ANY($1) AND state IN ('created', 'retry', 'active') AND (retry_count > 0 OR name LIKE '%${DEAD}')`;

/** Says of one queue and its dead letters what waits, what runs, and what fails for which reason. */
export async function showQueue(args: string[], say: Say): Promise<number> {
  const { words } = read(args, {}, 1);
  const queue = queueOf(words[0]);
  const names = [queue, `${queue}${DEAD}`];
  const { rows: counts } = await housePool().query<Counted>(
    `SELECT name, (count(*) FILTER (WHERE state <> 'active'))::int AS waiting, (count(*) FILTER (WHERE state = 'active'))::int AS active,
       min(created_on) FILTER (WHERE state <> 'active') AS oldest
     FROM pgboss.job WHERE name = ANY($1) AND state IN ('created', 'retry', 'active') GROUP BY name`,
    [names],
  );
  for (const name of names) {
    const { waiting = 0, active = 0, oldest = null } = counts.find((each) => each.name === name) ?? {};
    say(
      `${name}: ${waiting} waiting${name === queue ? `, ${active} running` : ""}${oldest ? `, the oldest since ${minute(oldest)}` : ""}`,
    );
  }
  await showSqs(queue, say);
  const { rows: failing } = await housePool().query<Failing>(
    `SELECT name, ${ERROR} AS error, count(*)::int AS count, max(coalesce(started_on, created_on)) AS last
     FROM pgboss.job WHERE ${FAILING} GROUP BY 1, 2 ORDER BY count(*) DESC`,
    [names],
  );
  for (const { name, error, count, last } of failing)
    say(`  ${name}: ${count} failed with ${error}, last ${minute(last)}`);
  const { rows: jobs } = await housePool().query<Job & { error: string }>(
    `SELECT id, name, state, data, ${TRIES} AS tries, created_on AS created, ${ERROR} AS error
     FROM pgboss.job WHERE ${FAILING} ORDER BY created_on DESC LIMIT ${SHOWN}`,
    [names],
  );
  for (const job of jobs) say(`    ${lineOf(job)}; ${job.error}`);
  if (jobs.length === SHOWN) say(`  These are the newest ${SHOWN}.`);
  if (failing.some(({ name }) => name !== queue))
    say(
      `When the cause is mended: ${CALLED} queue redrive ${queue}. One that nobody needs: ${CALLED} queue drop ${queue} JOB`,
    );
  return 0;
}

async function showSqs(queue: string, say: Say): Promise<void> {
  if (env().QUEUE === "postgres") return;
  const carried = await readSqsQueues(requireEnv("SQS_URL_PREFIX"), [queue]);
  for (const { queue: name, waiting, active } of carried)
    say(`${name} at SQS: about ${waiting} waiting${name === queue ? `, ${active} running` : ""}`);
  if (carried.length === 0) say(`${queue} at SQS: nothing waits or runs`);
}

/**
 * Takes one job away that waits, also a dead letter. Its row is all there is of it: the firm's rows stay as they are, so nothing stands in the firm's audit trail, as
 * nothing does when a dead letter is put back.
 */
export async function dropJob(args: string[], say: Say): Promise<number> {
  const { values, words } = read(args, { yes: flag }, 2);
  const [queue, id = ""] = [queueOf(words[0]), words[1]];
  if (!isId(id)) throw new BadUsage(`A job's id is meant, as ${CALLED} queue show ${queue} prints it.`);
  const { rows } = await housePool().query<Job>(
    `SELECT id, name, state, data, ${TRIES} AS tries, created_on AS created
     FROM pgboss.job WHERE name = ANY($1) AND id = $2 AND state IN ('created', 'retry', 'active')`,
    [[queue, `${queue}${DEAD}`], id],
  );
  const [job] = rows;
  if (!job)
    throw new Error(
      `${queue} has no such job as a row. Nothing was dropped.${env().QUEUE === "postgres" ? "" : " What SQS holds it gives out one after the other and not by name."}`,
    );
  if (job.state === "active") throw new Error(`Job ${id} is under way. Nothing was dropped; it ends, or waits again.`);
  say(lineOf(job));
  if (values.yes !== true) {
    say("Nothing was dropped. It would go for good, and nothing brings it back. To do it, the same with --yes");
    return 1;
  }
  const { rowCount } = await housePool().query(
    "DELETE FROM pgboss.job WHERE name = $1 AND id = $2 AND state IN ('created', 'retry')",
    [job.name, id],
  );
  if (rowCount === 0) throw new Error(`Job ${id} was taken meanwhile. Nothing was dropped.`);
  say(`Job ${id} is gone from ${job.name}.`);
  return 0;
}

const minute = (at: Date): string => `${at.toISOString().slice(0, 16)}Z`;

/** What a job carries are ids (lib/contracts/jobs.ts). */
const lineOf = ({ id, name, data, tries, created }: Job): string =>
  `${id}  ${name}  since ${minute(created)}  ${tries} tries  ${Object.entries(data ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(" ")}`.trimEnd();
