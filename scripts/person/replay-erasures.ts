import { type Clock, systemClock } from "@/lib/core/clock";
import { withClient } from "../bootstrap-database";
import { allFirms } from "../firm/all-firms";
import { type Certificate, certificateOf, type ErasureRow, type Kept, keepOutside, keptOutside } from "./certificate";
import { bind, erasePerson, type Firm } from "./erase-person";
import { finishLeft } from "./finish-left";
import { refusedLeads } from "./refused-leads";
import { keepDigests, lockSources } from "./tombstones";

/** What a replay came to. */
export type Replayed = {
  /** That were looked at. */
  certificates: number;
  /** That were missing. */
  tombstones: number;
  /** That were there again. */
  leads: number;
  /** That were not outside the database any more and are again, as `isKeptAgain` asked. */
  keptAgain: Certificate[];
  /** Erasures of any run that have to wait still. */
  unfinished: number;
  /** What somebody has to look at: nobody may rely on the replay before. Empty otherwise. */
  problems: string[];
};

/**
 * Erases again what a restore brought back: for every certificate that is kept outside the database its tombstones, and every lead that they stand for.
 * Goes on with every erasure that is not finished, too. Nothing happens where nothing came back and nothing is left. A file that is no
 * certificate keeps it from none. With `isKeptAgain`, certificates that were lost outside are written again from what the database knows.
 */
export async function replayErasures(
  ownerUrl: string,
  by: string,
  clock: Clock = systemClock,
  { isKeptAgain = false }: { isKeptAgain?: boolean } = {},
): Promise<Replayed> {
  const firms = await allFirms();
  // In this order: what is known to be finished was outside before.
  const known = await finishedOf(ownerUrl, firms);
  const { kept, others } = await keptOutside();
  const none = { tombstones: 0, leads: 0, keptAgain: [], unfinished: 0, problems: [] };
  const done: Replayed = { certificates: kept.length, ...none };
  if (others.length > 0) done.problems.push(`No certificates, so look who put them there: ${others.join(", ")}`);
  // Of a whole firm that was erased since, or is not restored, nothing is put back.
  for (const firm of firms) {
    const certificates = kept.filter((each) => each.firm.id === firm.id);
    const ids = new Set(certificates.map(({ erasureId }) => erasureId));
    const finished = known.get(firm.id) ?? [];
    const lacking = finished.filter(({ erasureId }) => !ids.has(erasureId));
    if (isKeptAgain) {
      for (const certificate of lacking) await keepOutside(certificate);
      done.keptAgain.push(...lacking);
    } else if (lacking[0])
      done.problems.push(
        `EVIDENCE_BUCKET lacks ${lacking.length} of the ${finished.length} certificates that the database knows of ${firm.slug}: it is another place, or they were removed. The first of them began ${lacking[0].beganAt}.`,
      );
    if (certificates.length === 0) continue;
    const again = await putBack(ownerUrl, firm, certificates);
    done.tombstones += again.tombstones;
    for (const { leadId, because, order } of again.leads) {
      await erasePerson({ ownerUrl, firm, because, order, by, clock }, leadId);
      done.leads += 1;
    }
  }
  const left = await finishLeft(ownerUrl, firms, clock);
  done.unfinished = left.filter(({ finishedAt }) => finishedAt === null).length;
  return done;
}

/**
 * The erasures that the database knows, per firm. Settings tell where certificates lie, and another place is empty: then nobody would be erased again, and nobody
 * would hear of it.
 */
function finishedOf(ownerUrl: string, firms: readonly Firm[]): Promise<Map<string, Certificate[]>> {
  return withClient(ownerUrl, async (client) => {
    const known = new Map<string, Certificate[]>();
    for (const firm of firms) {
      await bind(client, firm);
      const { rows } = await client.query<ErasureRow>(
        "SELECT * FROM person_erasure WHERE tenant_id = $1 AND finished_at IS NOT NULL ORDER BY began_at, id",
        [firm.id],
      );
      known.set(
        firm.id,
        rows.map((row) => certificateOf(firm, row)),
      );
    }
    return known;
  });
}

type Again = { tombstones: number; leads: (Pick<Kept, "because" | "order"> & { leadId: string })[] };

function putBack(ownerUrl: string, firm: Firm, certificates: readonly Kept[]): Promise<Again> {
  return withClient(ownerUrl, async (client) => {
    await bind(client, firm);
    await client.query("BEGIN");
    await lockSources(client, firm.id);
    let tombstones = 0;
    for (const { tombstones: digests, because } of certificates)
      tombstones += await keepDigests(client, firm.id, digests, because);
    await client.query("COMMIT");
    // The newest first, so that the oldest that says so is what a lead goes by.
    const said = new Map(certificates.toReversed().flatMap((each) => each.tombstones.map((digest) => [digest, each])));
    const leads = await refusedLeads(client, firm.id, said.keys());
    return {
      tombstones,
      leads: leads.map(({ id, tombstone }) => {
        const { because, order } = said.get(tombstone) as Kept;
        return { leadId: id, because, order };
      }),
    };
  });
}
