import { z } from "zod";
import { ERASURE_REASONS, ERASURE_WORDS, type ErasureReason } from "@/lib/core/erasure";
import { evidenceFilesOf } from "@/lib/platform/file-store";

/** What stands at another service and is not ours to take away, or was sent: how many. */
export type Elsewhere = { at: string; what: string; count: number };
/** Who took leads out while this one was among them. Whether it was in the file, only the file says. */
export type Taken = { event: string; at: string; by: string; exportId: string };

/** What is left of an erased person: printed, kept in `person_erasure`, and outside the database. Names nobody. */
export type Certificate = {
  format: "arrestra-person-erasure-1";
  erasureId: string;
  firm: { id: string; slug: string };
  /** Null where a firm was told not to take the record; what it held has certificates of its own. */
  leadId: string | null;
  because: ErasureReason;
  order: string | null;
  /** Rows that went, per table. */
  rows: Record<string, number>;
  files: number;
  /** Digests that only our key makes: by these the record is refused when it comes again. */
  tombstones: string[];
  elsewhere: Elsewhere[];
  takenOut: Taken[];
  /** The event that says it, and the end of the sealed chain before it. */
  audit: { eventId: string | null; after: { sequence: number; hash: string } };
  erasedBy: string;
  beganAt: string;
  /** Null while files are left: the same command goes on. */
  finishedAt: string | null;
};

/** A row of `person_erasure`. */
export type ErasureRow = {
  id: string;
  erased_lead_id: string | null;
  reason: ErasureReason;
  order_ref: string | null;
  digests: string[];
  counts: Record<string, number>;
  facts: { files: number; elsewhere: Elsewhere[]; takenOut: Taken[] };
  files_left: string[];
  event_id: string | null;
  head_sequence: string;
  head_hash: string;
  erased_by: string;
  began_at: Date;
  finished_at: Date | null;
};

/** The certificate that a row stands for. */
export const certificateOf = (firm: Certificate["firm"], row: ErasureRow): Certificate => ({
  format: "arrestra-person-erasure-1",
  erasureId: row.id,
  firm: { id: firm.id, slug: firm.slug },
  leadId: row.erased_lead_id,
  because: row.reason,
  order: row.order_ref,
  rows: row.counts,
  files: row.facts.files,
  tombstones: row.digests,
  elsewhere: row.facts.elsewhere,
  takenOut: row.facts.takenOut,
  audit: { eventId: row.event_id, after: { sequence: Number(row.head_sequence), hash: row.head_hash } },
  erasedBy: row.erased_by,
  beganAt: row.began_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

const FOLDER = "erasures/";

/** Keeps a certificate where a restore of the database does not reach. Once: what is there stays as it is. */
export async function keepOutside(certificate: Certificate): Promise<void> {
  // Two that finish the same erasure end at two moments; what is kept must be one text.
  const { finishedAt: _end, ...rest } = certificate;
  await evidenceFilesOf().putOnce(
    `${FOLDER}${certificate.erasureId}.json`,
    Buffer.from(`${JSON.stringify(rest, null, 2)}\n`),
  );
}

/** What a replay needs of a certificate, and nothing else of it. */
const Kept = z.object({
  format: z.literal("arrestra-person-erasure-1"),
  erasureId: z.uuid(),
  firm: z.object({ id: z.uuid(), slug: z.string() }),
  because: z.enum(ERASURE_REASONS),
  order: z.string().nullable(),
  tombstones: z.array(z.string()),
});
/** A certificate as it is read again from outside. */
export type Kept = z.infer<typeof Kept>;

/** What lies outside: certificates, the oldest first, as ids begin with their time; and the names of files that are none. */
export async function keptOutside(): Promise<{ kept: Kept[]; others: string[] }> {
  const store = evidenceFilesOf();
  const kept: Kept[] = [];
  const others: string[] = [];
  for (const key of await store.list(FOLDER)) {
    const each = keptOf(await store.get(key));
    if (each) kept.push(each);
    else others.push(key);
  }
  return { kept, others };
}

function keptOf(bytes: Buffer | null): Kept | null {
  try {
    return Kept.parse(JSON.parse(bytes?.toString() ?? ""));
  } catch {
    return null;
  }
}

const sum = (rows: Record<string, number>): number => Object.values(rows).reduce((total, count) => total + count, 0);

/** What a person reads of it. */
export function wordsOf(certificate: Certificate): string[] {
  const { firm, leadId, because, order, rows, files, tombstones, elsewhere, takenOut, audit } = certificate;
  const { erasureId, erasedBy, beganAt, finishedAt } = certificate;
  if (leadId === null) return [`${firm.slug} will not take the record: ${tombstones.length} tombstones.`];
  return [
    `Certificate ${erasureId}`,
    `Firm ${firm.slug}, lead ${leadId}, erased because of ${ERASURE_WORDS[because]}${order ? `, ${order}` : ""}.`,
    `Began ${beganAt}, ${finishedAt ? `finished ${finishedAt}` : "NOT FINISHED"}, by ${erasedBy}.`,
    `${sum(rows)} rows: ${Object.entries(rows)
      .map(([table, count]) => `${table} ${count}`)
      .join(", ")}. ${files} files and folders of files.`,
    `${tombstones.length} tombstones refuse the record when it comes again.`,
    `Event ${audit.eventId} of the firm's audit trail, after seal ${audit.after.sequence}.`,
    ...(elsewhere.length > 0 ? ["The firm has to erase at other services, which we cannot:"] : []),
    ...elsewhere.map(({ at, what, count }) => `  ${at}: ${count} ${what}`),
    ...(takenOut.length > 0
      ? ["Taken out while the lead was there; the firm asks them to destroy what they have:"]
      : []),
    ...takenOut.map(({ event, at, by, exportId }) => `  ${at}  ${event}  by ${by}  export ${exportId}`),
  ];
}
