import { z } from "zod";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";

/** Somebody coming or going, as a webhook told: `k` the person's digest, `c` which stay, `h` the host, `j` and `l` when, in milliseconds. */
const Mark = z.object({
  k: z.string(),
  c: z.string(),
  h: z.boolean(),
  j: z.number().optional(),
  l: z.number().optional(),
});
export type Mark = z.infer<typeof Mark>;

const Occurrence = z.object({
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  /** When Zoom's own report of it was stored; from then on webhooks add nothing. */
  reportedAt: z.string().optional(),
  marks: z.array(Mark).default([]),
});
/** One time that a meeting took place, as far as it is known. */
export type Occurrence = z.infer<typeof Occurrence>;

const Details = z.object({
  hostId: z.string().nullish(),
  /** A meeting was asked for, and the answer is not known: look before asking again. */
  askedAt: z.string().nullish(),
  /** Meetings that a worker made whose claim had ended: whoever holds the link removes those that it does not keep. */
  strays: z.array(z.string()).optional(),
  /** It was taken away at Zoom. */
  removedThereAt: z.string().nullish(),
  /** When the report is asked for next, and since when there is nothing more to ask. */
  collectAt: z.string().nullish(),
  collectTries: z.int().nullish(),
  settledAt: z.string().nullish(),
  occurrences: z.record(z.string(), Occurrence).default({}),
});
/** What is known of a meeting beside its number. No names. */
export type MeetingDetails = z.infer<typeof Details>;

/** What is known of an occurrence by the id that Zoom gave it: never what every object has by that name. */
export const occurrenceOf = ({ occurrences }: Pick<MeetingDetails, "occurrences">, uuid: string): Occurrence | null =>
  (Object.hasOwn(occurrences, uuid) && occurrences[uuid]) || null;

/** The meeting of a consultation. */
export type MeetingLink = {
  id: string;
  connectionId: string;
  leadId: string;
  consultationId: string;
  externalId: string | null;
  state: string;
  pushedHash: string | null;
  details: MeetingDetails;
};

type Row = Omit<MeetingLink, "details"> & { details: unknown };

const COLUMNS = Prisma.sql`id, connection_id AS "connectionId", lead_id AS "leadId", consultation_id AS "consultationId",
  external_id AS "externalId", state, pushed_hash AS "pushedHash", details`;

/** The link of the meeting with this number, or null when it is none of ours. */
export async function findMeetingLink(
  tx: Tx,
  { tenantId }: Ctx,
  connectionId: string,
  meetingId: string,
): Promise<MeetingLink | null> {
  const [row] = await tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT ${COLUMNS} FROM sync_link
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = 'meeting' AND external_id = ${meetingId}`);
  return row ? toLink(row) : null;
}

/** The meeting of a consultation at a connection; with `isLocked` nobody else writes its details until the transaction ends. */
export async function findMeetingOf(
  tx: Tx,
  { tenantId }: Ctx,
  connectionId: string,
  consultationId: string,
  { isLocked = false } = {},
): Promise<MeetingLink | null> {
  const [row] = await tx.$queryRaw<Row[]>(Prisma.sql`
    SELECT ${COLUMNS} FROM sync_link
    WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = 'meeting' AND consultation_id = ${consultationId}::uuid
    ${isLocked ? Prisma.sql`FOR UPDATE` : Prisma.empty}`);
  return row ? toLink(row) : null;
}

/** Writes some of the details and leaves the others: who writes to Zoom and who counts people do not know of each other. */
export async function mergeDetails(
  tx: Tx,
  { tenantId }: Ctx,
  linkId: string,
  change: Partial<MeetingDetails>,
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET details = details || ${JSON.stringify(change)}::jsonb WHERE tenant_id = ${tenantId}::uuid AND id = ${linkId}::uuid`);
}

const toLink = (row: Row): MeetingLink => ({ ...row, details: Details.parse(row.details ?? {}) });
