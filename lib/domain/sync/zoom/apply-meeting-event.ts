import type { ZoomEventPerson, ZoomMeetingEvent } from "@/lib/integrations/zoom-webhook";
import { blindIndex } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import { type ConsultationRow, holdConsultation } from "../../bookings/consultation-row";
import { recordIntervals } from "../../bookings/record-intervals";
import { settleAttendance } from "../../bookings/settle-attendance";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import {
  findMeetingLink,
  findMeetingOf,
  type MeetingLink,
  mergeDetails,
  type Occurrence,
  occurrenceOf,
} from "./meeting-link";
import { noteRemovedThere } from "./note-removed-there";
import { personOf, spansOf } from "./stays";

/** How long after a meeting its report is asked for: it is not there at once. */
export const REPORT_AFTER_MS = 10 * 60_000;
/** No meeting of ours has so many comings and goings; what is beyond them is left to the report. */
const MAX_MARKS = 2000;
/** No meeting of ours begins anew so many times. */
export const MAX_OCCURRENCES_KEPT = 50;

/**
 * Takes in what a webhook tells of a meeting of ours. Webhooks come in any order, twice or not at all: what they told is kept, and the stays of a person are
 * counted from all of it anew. Once the report of an occurrence is stored they add nothing to it. Safe to run twice.
 */
export async function applyMeetingEvent(ctx: Ctx, connectionId: string, event: ZoomMeetingEvent): Promise<void> {
  await inTenant(ctx, async (tx) => {
    const found = await findMeetingLink(tx, ctx, connectionId, event.payload.object.id);
    if (!found) return;
    const row = await holdConsultation(tx, ctx, found.consultationId);
    const link = await findMeetingOf(tx, ctx, connectionId, row.id, { isLocked: true });
    if (!link) return;
    if (event.event === "meeting.deleted") return noteRemovedThere(tx, ctx, link);
    const { uuid, host_id: hostId, participant, start_time: startedAt, end_time: endedAt } = event.payload.object;
    if (!uuid) return;
    const known = occurrenceOf(link.details, uuid);
    if (!known && Object.keys(link.details.occurrences).length >= MAX_OCCURRENCES_KEPT) return;
    const occurrence = known ?? { marks: [] };
    const at = new Date(event.event_ts);
    if (event.event === "meeting.started") {
      occurrence.startedAt ??= (startedAt ?? at).toISOString();
      await keep(tx, ctx, link, uuid, occurrence);
    } else if (event.event === "meeting.ended") {
      occurrence.endedAt ??= (endedAt ?? at).toISOString();
      await keep(tx, ctx, link, uuid, occurrence);
      await end(tx, ctx, row, link, uuid, new Date(occurrence.endedAt));
    } else if (participant) {
      await comeOrGo(
        tx,
        ctx,
        { row, link, uuid, occurrence, hostId: hostId ?? link.details.hostId ?? null },
        participant,
      );
    }
    const isOver = occurrence.endedAt !== undefined || row.endsAt <= ctx.clock.now();
    if (isOver) await settleAttendance({ ...ctx, tx }, row.id);
  });
}

const keep = (tx: Tx, ctx: Ctx, link: MeetingLink, uuid: string, occurrence: Occurrence): Promise<void> =>
  mergeDetails(tx, ctx, link.id, { occurrences: { ...link.details.occurrences, [uuid]: occurrence } });

type Place = {
  row: ConsultationRow;
  link: MeetingLink;
  uuid: string;
  occurrence: Occurrence;
  hostId: string | null;
};

async function comeOrGo(tx: Tx, ctx: Ctx, place: Place, person: ZoomEventPerson): Promise<void> {
  const { row, link, uuid, occurrence, hostId } = place;
  if (occurrence.reportedAt || occurrence.marks.length >= MAX_MARKS) return;
  const { tenantId } = ctx;
  const personKey = personOf({
    registrantId: person.registrant_id,
    email: person.email,
    id: person.id,
    name: person.user_name,
  });
  const digest = blindIndex(personKey, { tenantId, purpose: "attendance" });
  const isHost = hostId !== null && person.id === hostId;
  const stay = { k: digest, c: person.user_id ?? person.participant_uuid ?? "", h: isHost };
  if (person.join_time) occurrence.marks.push({ ...stay, j: person.join_time.getTime() });
  if (person.leave_time) occurrence.marks.push({ ...stay, l: person.leave_time.getTime() });
  await keep(tx, ctx, link, uuid, occurrence);
  // What was counted before something that came late was known may be wrong, so the person's stays are written anew.
  await tx.attendanceInterval.deleteMany({
    where: { tenantId, consultationId: row.id, occurrence: uuid, personKey: digest },
  });
  const spans = spansOf(occurrence, digest);
  const name = person.user_name ?? "";
  await recordIntervals(
    { ...ctx, tx },
    row.id,
    spans.map((span) => ({ occurrence: uuid, personKey, name, isHost, ...span })),
  );
}

/** The meeting is over: nobody is there any more, and its report is asked for. */
async function end(
  tx: Tx,
  ctx: Ctx,
  row: ConsultationRow,
  link: MeetingLink,
  uuid: string,
  endedAt: Date,
): Promise<void> {
  const { tenantId } = ctx;
  await tx.$executeRaw(Prisma.sql`
    UPDATE attendance_interval SET left_at = greatest(joined_at, ${endedAt})
    WHERE tenant_id = ${tenantId}::uuid AND consultation_id = ${row.id}::uuid AND occurrence = ${uuid} AND left_at IS NULL`);
  const collectAt = new Date(ctx.clock.now().getTime() + REPORT_AFTER_MS);
  await mergeDetails(tx, ctx, link.id, { collectAt: collectAt.toISOString(), collectTries: 0, settledAt: null });
  await enqueue(tx, "attendance.collect", [{ tenantId, consultationId: row.id }], { startAfter: collectAt });
}
