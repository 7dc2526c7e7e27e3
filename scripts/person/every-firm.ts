import type pg from "pg";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import type { SeenBooking } from "@/lib/domain/bookings/seen-booking";
import { IMPORT_SOURCE } from "@/lib/domain/leads/imports/import-row";
import { suppressionDigest } from "@/lib/domain/leads/suppression";
import { withClient } from "../bootstrap-database";
import type { Certificate, ErasureRow } from "./certificate";
import { bind, type Erasure, erasePerson, type Firm } from "./erase-person";
import { finishErasure } from "./finish-erasure";
import { finishLeft } from "./finish-left";
import { refusedLeads } from "./refused-leads";
import { keepTombstones, lockSources } from "./tombstones";
import { readTrace, recordsFor, type SourceRecord, type Trace } from "./trace";

/** Of leads that a booking opened (lib/domain/bookings/seen-booking.ts). */
const BOOKING_SOURCE: SeenBooking["origin"] = "acuity";

/** What became of one firm. */
export type AtFirm = { certificate: Certificate; isNew: boolean };

/**
 * Erases the same record at other firms: of a county, or of a list that says the same. A firm that has no such lead is told not to take one. The firm that was named
 * comes last, so that a run which broke off still knows what to look for; once its lead is gone, what others have left is all there is to go on with. That comes
 * first, and gives certificates of earlier runs too.
 */
export async function eraseEverywhere(erasure: Erasure, leadId: string, firms: readonly Firm[]): Promise<AtFirm[]> {
  const done: AtFirm[] = (await finishLeft(erasure.ownerUrl, firms, erasure.clock)).map((certificate) => ({
    certificate,
    isNew: false,
  }));
  const trace = await withClient(erasure.ownerUrl, async (client) => {
    await bind(client, erasure.firm);
    return readTrace(client, erasure.firm.id, leadId);
  });
  for (const firm of trace ? firms.filter(({ id }) => id !== erasure.firm.id) : [])
    done.push(...(await eraseAt({ ...erasure, firm }, trace as Trace)));
  const named = await eraseWithAlike(erasure, leadId);
  const ids = new Set(named.map(({ certificate }) => certificate.erasureId));
  return [...done.filter(({ certificate }) => !ids.has(certificate.erasureId)), ...named];
}

/**
 * Erases a lead of a firm, and then every other one of it that says the same of the same person under another id: from a list, or another source. The lead that was
 * named comes last. Run again, it goes on with those, after whatever an earlier run has left unfinished at the firm, and gives certificates of that too.
 */
export async function eraseWithAlike(erasure: Erasure, leadId: string): Promise<AtFirm[]> {
  const left = await finishLeft(erasure.ownerUrl, [erasure.firm], erasure.clock);
  const named = await erasePerson(erasure, leadId);
  const { because, order, beganAt, tombstones } = named.certificate;
  const done = [...(await eraseRefused(erasure, tombstones, { because, order, since: beganAt })), named];
  const ids = new Set(done.map(({ certificate }) => certificate.erasureId));
  const earlier = left.filter(({ erasureId }) => !ids.has(erasureId));
  return [...earlier.map((certificate) => ({ certificate, isNew: false })), ...done];
}

/** Erasures whose leads may have told of others: of a reason and an order, since a moment. */
type Earlier = Pick<Certificate, "because" | "order"> & { since?: string };

/**
 * What one lead says may tell of another, so this looks until there is none. A run that broke off has forgotten what the leads said that it erased; their
 * certificates have not.
 */
async function eraseRefused(erasure: Erasure, tombstones: readonly string[], earlier: Earlier): Promise<AtFirm[]> {
  const { firm, ownerUrl } = erasure;
  const refused = new Set(tombstones);
  const done: AtFirm[] = [];
  for (let isFirst = true; ; isFirst = false) {
    const leads = await withClient(ownerUrl, async (client) => {
      await bind(client, firm);
      if (isFirst) for (const digest of await taught(client, firm, earlier)) refused.add(digest);
      return refusedLeads(client, firm.id, refused);
    });
    if (leads.length === 0) return done;
    for (const { id } of leads) {
      const erased = await erasePerson(erasure, id);
      for (const tombstone of erased.certificate.tombstones) refused.add(tombstone);
      done.push(erased);
    }
  }
}

async function taught(client: pg.Client, firm: Firm, { because, order, since }: Earlier): Promise<string[]> {
  const { rows } = await client.query<{ digest: string }>(
    `SELECT DISTINCT unnest(digests) AS digest FROM person_erasure
     WHERE tenant_id = $1 AND reason = $2 AND order_ref IS NOT DISTINCT FROM $3 AND began_at >= coalesce($4::timestamptz, '-infinity')`,
    [firm.id, because, order, since ?? null],
  );
  return rows.map(({ digest }) => digest);
}

async function eraseAt(erasure: Erasure, trace: Trace): Promise<AtFirm[]> {
  const { firm } = erasure;
  // A booking and a row of a list are one firm's own; what a county shows is the same for all.
  const isShared = ![IMPORT_SOURCE, BOOKING_SOURCE].includes(trace.source);
  const records = recordsFor(firm.id, { ...trace, bookings: [] }).filter(
    ({ source, sourceId }) => isShared || source !== trace.source || sourceId !== trace.sourceId,
  );
  const digests = records.map(({ source, sourceId }) => suppressionDigest(firm.id, source, sourceId));
  const done = await eraseRefused(erasure, digests, erasure);
  const told = await tell(erasure, records);
  // What had looked for tombstones before they were there has come in by now, and nothing comes later. It may also be a lead of long ago that was amended.
  done.push(...(await eraseRefused(erasure, digests, erasure)));
  return told ? [...done, told] : done;
}

/** Keeps tombstones where there is no lead, when every batch under way has ended. Null when all of them were there. */
async function tell({ ownerUrl, firm, because, order, by, clock }: Erasure, records: readonly SourceRecord[]) {
  return withClient(ownerUrl, async (client): Promise<AtFirm | null> => {
    await bind(client, firm);
    await client.query("BEGIN");
    await lockSources(client, firm.id);
    const count = async () =>
      (await client.query<{ n: number }>("SELECT count(*)::int AS n FROM suppression WHERE tenant_id = $1", [firm.id]))
        .rows[0]?.n ?? 0;
    const before = await count();
    const digests = await keepTombstones(client, firm.id, records, because);
    if ((await count()) === before) {
      await client.query("ROLLBACK");
      return null;
    }
    const { rows } = await client.query<ErasureRow>(
      `INSERT INTO person_erasure (tenant_id, id, reason, order_ref, digests, counts, facts, files_left, head_sequence, head_hash, erased_by, began_at)
       VALUES ($1, $2, $3, $4, $5, '{}', '{"files":0,"elsewhere":[],"takenOut":[]}', '{}', 0, '', $6, now()) RETURNING *`,
      [firm.id, newId(), because, order, digests, by],
    );
    await client.query("COMMIT");
    // Whatever ends it here leaves a row that the next run finishes.
    return { certificate: await finishErasure(client, firm, rows[0] as ErasureRow, clock ?? systemClock), isNew: true };
  });
}
