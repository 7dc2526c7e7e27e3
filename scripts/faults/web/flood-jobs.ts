import { setTimeout as sleep } from "node:timers/promises";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { asOwner, type TestFirm } from "@/tests/setup/firms";

/** Numbers of each firm that does not flood. */
export const QUIET_PHONES = 10;
const WAIT_SECONDS = 150;

/** Takes leads with a phone number each: their look-ups become jobs in the same transactions. */
export async function queueLookups(firm: TestFirm, count: number): Promise<void> {
  for (let first = 0; first < count; first += 500) {
    const leads = Array.from({ length: Math.min(500, count - first) }, (_, at) => ({
      sourceId: `called-${first + at}`,
      name: { full: "FICTUS, ROWAN" },
      county: "Travis",
      charges: [],
      contacts: [{ kind: "phone" as const, value: `+1512555${String(first + at).padStart(4, "0")}` }],
    }));
    await ingestLeads(firm.asKey(), { source: "api", leads });
  }
}

/** Waits until the look-ups of these firms are done, and gives how many seconds each job was old then; one that is not done counts as old as it is. */
export async function jobAges(firms: readonly TestFirm[], say: (line: string) => void): Promise<number[]> {
  const ids = firms.map(({ id }) => id);
  const [first = ""] = ids;
  for (const deadline = performance.now() + WAIT_SECONDS * 1000; ; await sleep(250)) {
    const { rows } = await asOwner(first, (client) =>
      client.query<{ age: number; done: boolean }>(
        `SELECT extract(epoch FROM coalesce(completed_on, clock_timestamp()) - created_on)::float AS age, completed_on IS NOT NULL AS done
         FROM pgboss.job WHERE name = 'enrichment.lookup' AND data->>'tenantId' = ANY($1)`,
        [ids],
      ),
    );
    const isDone = rows.length > 0 && rows.every(({ done }) => done);
    if (isDone || performance.now() > deadline) {
      say(`${rows.filter(({ done }) => done).length} of ${rows.length} jobs of the other firms are done`);
      return rows.map(({ age }) => age);
    }
  }
}
