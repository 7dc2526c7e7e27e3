import { sender, uuidOf } from "./queue";
import { withClient } from "./queue-boss";

/**
 * A job that failed, for its next try: `key` names this try wherever it is spoken of again, `jobId` the job over all its tries, of which `tries` are used up.
 * `group` and `requestId` are those that it was sent with.
 */
export type JobAgain = {
  key: string;
  jobId: string;
  data: unknown;
  tries: number;
  afterSeconds: number;
  group?: string;
  requestId?: string;
};

/**
 * Puts jobs that failed back into the table for later, with their tries, all or none: for what takes them from there to be tried elsewhere. A try that is put
 * back twice, because whoever did so died before it could say so, is there once.
 */
export async function requeue(queue: string, jobs: readonly JobAgain[]): Promise<void> {
  if (jobs.length === 0) return;
  const open = await sender();
  const rows = jobs.map(({ key, data, group, requestId, afterSeconds }) => ({
    id: uuidOf(JSON.stringify([queue, key])),
    data: data as object,
    // Counted by the clock of the database, which says when it is due.
    startAfter: afterSeconds,
    ...(group === undefined ? {} : { group: { id: group } }),
    ...(requestId === undefined ? {} : { singletonKey: requestId }),
  }));
  await withClient(open, async (client, db) => {
    await client.query("BEGIN");
    const added = new Set(await open.boss.insert(queue, rows, { db, returnId: true }));
    const counted = rows.flatMap(({ id }, index) => {
      const job = jobs[index];
      return job && added.has(id) ? [{ id, tries: job.tries, root: job.jobId }] : [];
    });
    await client.query(COUNT, [queue, JSON.stringify(counted)]);
    await client.query("COMMIT");
  });
}

/** As the queue itself counts a row's tries, so that rows handed out go on from there; the column of its lineage says which job it was. */
const COUNT = `UPDATE pgboss.job SET retry_count = counted.tries, source_root_id = counted.root
  FROM json_to_recordset($2::text::json) AS counted (id uuid, tries int, root uuid)
  WHERE job.name = $1 AND job.id = counted.id`;
