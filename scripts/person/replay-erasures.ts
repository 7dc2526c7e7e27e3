import { type Clock, systemClock } from "@/lib/core/clock";
import { withClient } from "../bootstrap-database";
import { allFirms } from "./all-firms";
import { type Kept, keptOutside } from "./certificate";
import { bind, erasePerson } from "./erase-person";
import { finishLeft } from "./finish-left";
import { refusedLeads } from "./refused-leads";
import { keepDigests, lockSources } from "./tombstones";

/** What a replay came to: certificates that were looked at, tombstones that were missing, leads that were there again, erasures of any run that have to wait still. */
export type Replayed = { certificates: number; tombstones: number; leads: number; unfinished: number };

/**
 * Erases again what a restore brought back: for every certificate that is kept outside the database its tombstones, and every lead that they stand for.
 * Goes on with every erasure that is not finished, too. Nothing happens where nothing came back and nothing is left.
 */
export async function replayErasures(ownerUrl: string, by: string, clock: Clock = systemClock): Promise<Replayed> {
  const done: Replayed = { certificates: 0, tombstones: 0, leads: 0, unfinished: 0 };
  for await (const kept of keptOutside()) {
    const again = await putBack(ownerUrl, kept);
    done.certificates += 1;
    done.tombstones += again.tombstones;
    for (const leadId of again.leads) {
      const { firm, because, order } = kept;
      await erasePerson({ ownerUrl, firm, because, order, by, clock }, leadId);
      done.leads += 1;
    }
  }
  const left = await finishLeft(ownerUrl, await allFirms(), clock);
  done.unfinished = left.filter(({ finishedAt }) => finishedAt === null).length;
  return done;
}

function putBack(ownerUrl: string, { firm, tombstones, because }: Kept) {
  return withClient(ownerUrl, async (client) => {
    await bind(client, firm);
    const { rowCount: isThere } = await client.query("SELECT FROM tenant WHERE id = $1", [firm.id]);
    // The whole firm was erased since, or is not restored.
    if (!isThere) return { tombstones: 0, leads: [] };
    await client.query("BEGIN");
    await lockSources(client, firm.id);
    const missing = await keepDigests(client, firm.id, tombstones, because);
    await client.query("COMMIT");
    return { tombstones: missing, leads: await refusedLeads(client, firm.id, tombstones) };
  });
}
