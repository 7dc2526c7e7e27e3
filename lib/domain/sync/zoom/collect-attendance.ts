import { AppError, VendorError } from "@/lib/core/errors";
import { listPastInstances, listPastParticipants, type ZoomPresence } from "@/lib/integrations/zoom";
import type { Tx } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import { type ConsultationRow, findConsultation, holdConsultation } from "../../bookings/consultation-row";
import { recordIntervals, type SeenStay } from "../../bookings/record-intervals";
import { settleAttendance } from "../../bookings/settle-attendance";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { findConnection } from "../../tenants/connections/connections";
import { withAccess } from "../../tenants/connections/with-access";
import { retryAt } from "../retry-at";
import { REPORT_AFTER_MS } from "./apply-meeting-event";
import { findMeetingOf, type MeetingLink, mergeDetails, occurrenceOf } from "./meeting-link";
import { joined, personOf } from "./stays";
import { noteFetched } from "./sync-events";

const HOUR = 3_600_000;
/** After so long a report does not come any more; what webhooks told is what there is. */
const GIVE_UP_AFTER_MS = 24 * HOUR;
const LONGEST_WAIT_MS = 4 * HOUR;
const MAX_PAGES = 50;
const MAX_OCCURRENCES = 10;

type Meeting = { row: ConsultationRow; link: MeetingLink; meetingId: string };
/** What Zoom says of one occurrence: its pages, or null while it has nothing. */
type Report = { uuid: string; pages: ZoomPresence[][] };

/**
 * Asks Zoom who was in the meeting of a consultation, stores it in the place of what webhooks told, and says whether the person came. While the report is not
 * there, or empty (which it also is when one person alone came), it asks again later, for a day; then what webhooks told counts. Safe to run twice.
 */
export async function collectAttendance(ctx: Ctx, consultationId: string): Promise<void> {
  try {
    await collectNow(ctx, consultationId);
  } catch (error) {
    if (!(error instanceof VendorError || error instanceof AppError)) throw error;
    await postpone(ctx, consultationId, error);
  }
}

/** Notes when the report is asked for again after a failure; one that no try will mend is not asked for again. */
export async function postpone(ctx: Ctx, consultationId: string, error: unknown): Promise<void> {
  log.warn("a report of who came was not read", { provider: "zoom", tenantId: ctx.tenantId, ...failureFields(error) });
  await inTenant(ctx, async (tx) => {
    const found = await findMeeting(tx, ctx, consultationId);
    if (!found) return;
    const now = ctx.clock.now();
    const { at } = retryAt(error, (found.link.details.collectTries ?? 0) + 1, now);
    if (at) await later(tx, ctx, found, at);
    else await mergeDetails(tx, ctx, found.link.id, { settledAt: now.toISOString(), collectAt: null });
  });
}

/** As `collectAttendance`, for a caller that has its own way with failures. @throws VendorError; AppError `not_configured` */
export async function collectNow(ctx: Ctx, consultationId: string): Promise<void> {
  const meeting = await inTenant(ctx, (tx) => findMeeting(tx, ctx, consultationId));
  if (!meeting) return;
  const uuids = await findOccurrences(ctx, meeting);
  const reports: Report[] = [];
  for (const uuid of uuids) reports.push({ uuid, pages: await readPages(ctx, meeting, uuid) });
  await inTenant(ctx, (tx) => store(tx, ctx, meeting, reports));
}

async function findMeeting(tx: Tx, ctx: Ctx, consultationId: string): Promise<Meeting | null> {
  const connection = await findConnection(tx, ctx, "zoom");
  const row = connection?.state === "connected" ? await findConsultation(tx, ctx, consultationId) : null;
  const link = connection && row && (await findMeetingOf(tx, ctx, connection.id, row.id));
  if (!row || !link?.externalId || link.details.settledAt) return null;
  return { row, link, meetingId: link.externalId };
}

/** Each time that the meeting took place and was not reported yet: as webhooks told, and as Zoom says, for webhooks get lost. */
async function findOccurrences(ctx: Ctx, meeting: Meeting): Promise<string[]> {
  const { link, meetingId } = meeting;
  const known = Object.entries(link.details.occurrences);
  const open = known.filter(([, { endedAt, reportedAt }]) => endedAt && !reportedAt).map(([uuid]) => uuid);
  try {
    const instances = await withAccess(ctx, "zoom", (access) => listPastInstances(access, meetingId));
    await noteRead(ctx, meeting, instances.length);
    const told = instances.map(({ uuid }) => uuid).filter((uuid) => !occurrenceOf(link.details, uuid)?.reportedAt);
    return [...new Set([...open, ...told])].slice(-MAX_OCCURRENCES);
  } catch (error) {
    // The right to list them may be missing where the right to read the report is there.
    const isRefused = error instanceof VendorError && error.kind === "rejected" && error.status !== 401;
    if (open.length === 0 || !isRefused) throw error;
    return open;
  }
}

/** Each page at once: what was read is on the record also when a later page fails. */
const noteRead = (ctx: Ctx, { link, row }: Meeting, items: number): Promise<void> =>
  inTenant(ctx, (tx) => noteFetched(tx, ctx, link.connectionId, "attendance", items, "schedule", row.leadId));

async function readPages(ctx: Ctx, meeting: Meeting, uuid: string): Promise<ZoomPresence[][]> {
  const pages: ZoomPresence[][] = [];
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const read = await withAccess(ctx, "zoom", (access) => listPastParticipants(access, uuid, token));
    if (!read) return [];
    await noteRead(ctx, meeting, read.people.length);
    pages.push(read.people);
    if (!read.nextPageToken) return pages;
    if (read.nextPageToken === token) break;
    token = read.nextPageToken;
  }
  throw new VendorError("zoom", "garbled", "has pages without end");
}

async function store(
  tx: Tx,
  ctx: Ctx,
  { row: { id }, link: { connectionId } }: Meeting,
  reports: readonly Report[],
): Promise<void> {
  const now = ctx.clock.now();
  const row = await holdConsultation(tx, ctx, id);
  const link = await findMeetingOf(tx, ctx, connectionId, id, { isLocked: true });
  if (!link) return;
  const occurrences = { ...link.details.occurrences };
  for (const { uuid, pages } of reports) {
    const occurrence = occurrenceOf({ occurrences }, uuid) ?? { marks: [] };
    if (occurrence.reportedAt || pages.flat().length === 0) continue;
    await tx.attendanceInterval.deleteMany({ where: { tenantId: ctx.tenantId, consultationId: id, occurrence: uuid } });
    await recordIntervals({ ...ctx, tx }, id, staysOf(uuid, pages.flat(), link, occurrence.endedAt));
    occurrences[uuid] = { ...occurrence, marks: [], reportedAt: now.toISOString() };
  }
  await mergeDetails(tx, ctx, link.id, { occurrences });
  const all = Object.values(occurrences);
  const isOpen = all.some(({ reportedAt }) => !reportedAt) || reports.some(({ pages }) => pages.flat().length === 0);
  const endedAt = Math.max(row.endsAt.getTime(), ...all.map((each) => Date.parse(each.endedAt ?? "") || 0));
  const isDone = all.length > 0 && !isOpen && row.endsAt <= now;
  const isGivenUp = now.getTime() - endedAt >= GIVE_UP_AFTER_MS;
  // Without any sign of a meeting nothing is said: it may have been a call.
  if (isDone || (await hasStays(tx, ctx, id))) await settleAttendance({ ...ctx, tx }, id);
  if (isDone || isGivenUp) {
    await mergeDetails(tx, ctx, link.id, { settledAt: now.toISOString(), collectAt: null });
    return;
  }
  const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(REPORT_AFTER_MS, now.getTime() - endedAt));
  await later(tx, ctx, { row, link, meetingId: link.externalId ?? "" }, new Date(now.getTime() + waitMs));
}

const hasStays = async (tx: Tx, { tenantId }: Ctx, consultationId: string): Promise<boolean> =>
  (await tx.attendanceInterval.findFirst({ where: { tenantId, consultationId }, select: { id: true } })) !== null;

/** Whoever waited to be let in was not there. A stay without an end lasted until the meeting's. */
function staysOf(
  uuid: string,
  people: readonly ZoomPresence[],
  { details: { hostId } }: MeetingLink,
  endedAt: string | undefined,
): SeenStay[] {
  const there = people.filter(({ isWaiting }) => !isWaiting);
  const end = endedAt === undefined ? null : new Date(endedAt);
  return joined(
    there.map((person) => ({
      occurrence: uuid,
      personKey: personOf(person),
      name: person.name ?? "",
      isHost: person.isInternal || (person.id !== null && person.id === hostId),
      joinedAt: person.joinedAt,
      leftAt: person.leftAt ?? (end && end > person.joinedAt ? end : null),
    })),
  );
}

/** One job at a time: while one is waiting, another is not needed. */
async function later(tx: Tx, ctx: Ctx, { row, link }: Meeting, at: Date): Promise<void> {
  const { collectAt, collectTries } = link.details;
  if (collectAt && Date.parse(collectAt) > ctx.clock.now().getTime()) return;
  await mergeDetails(tx, ctx, link.id, { collectAt: at.toISOString(), collectTries: (collectTries ?? 0) + 1 });
  await enqueue(tx, "attendance.collect", [{ tenantId: ctx.tenantId, consultationId: row.id }], { startAfter: at });
}
