import { AppError, VendorError } from "@/lib/core/errors";
import {
  createMeeting,
  deleteMeeting,
  listMeetings,
  type MeetingPlan,
  patchMeeting,
  type ZoomMeeting,
} from "@/lib/integrations/zoom";
import type { Tx } from "@/lib/platform/db";
import { type ConsultationRow, findConsultation } from "../../bookings/consultation-row";
import { setMeeting } from "../../bookings/set-meeting";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { type ConnectionRow, findConnection } from "../../tenants/connections/connections";
import { withAccess } from "../../tenants/connections/with-access";
import { claimLink, failLink, saveLink } from "../links";
import type { Mirrored } from "../sync-provider";
import { findMeetingOf, type MeetingLink, mergeDetails } from "./meeting-link";
import { hashOf, planOf, referenceIn } from "./meeting-plan";
import { noteFetched, noteWritten } from "./sync-events";

/** What has to be done at Zoom for a consultation. */
type Wanted = { what: "make" | "change"; plan: MeetingPlan } | { what: "remove" } | null;
type Work = {
  link: MeetingLink;
  wanted: NonNullable<Wanted>;
  row: ConsultationRow;
  /** There may be a meeting that we do not know of: an answer got lost, or the firm was connected before. */
  mayBeThere: boolean;
};

/** No account has more meetings to come than this; a list without end is left. */
const MAX_PAGES = 20;

/**
 * Brings the meeting of a consultation up to date: makes it when there is no other link to meet by, moves it, removes it. A consultation that has begun is left
 * alone. Safe to run twice, and to die anywhere: a meeting whose making was not answered is looked for before another is made.
 */
export async function mirrorMeeting(ctx: Ctx, { consultationId }: Mirrored): Promise<void> {
  const work = await inTenant(ctx, (tx) => claimWork(tx, ctx, consultationId));
  if (!work) return;
  try {
    if (work.wanted.what === "remove") await remove(ctx, work);
    else if (work.wanted.what === "change") await change(ctx, work, work.wanted.plan);
    else await make(ctx, work, work.wanted.plan);
  } catch (error) {
    await failLink(ctx, work.link.id, error);
    // What the service or the connection is to blame for is kept with the link; a fault of ours is one of the job too.
    if (!(error instanceof VendorError || error instanceof AppError)) throw error;
  }
}

async function claimWork(tx: Tx, ctx: Ctx, consultationId: string): Promise<Work | null> {
  const connection = await findConnection(tx, ctx, "zoom");
  if (connection?.state !== "connected") return null;
  // Looked at twice: a link is made only when there is something to do, and what is done is decided when nobody else does it.
  if (!(await decide(tx, ctx, connection.id, consultationId))?.wanted) return null;
  const row = await findConsultation(tx, ctx, consultationId);
  if (!row) return null;
  const of = { connectionId: connection.id, kind: "meeting", leadId: row.leadId, consultationId } as const;
  const claimed = await claimLink(tx, ctx, of);
  if (!claimed) return null;
  const decided = await decide(tx, ctx, connection.id, consultationId);
  if (!decided?.wanted || !decided.link) {
    await saveLink(tx, ctx, claimed.id, {});
    return null;
  }
  const { link, wanted } = decided;
  if (wanted.what === "make" && !link.details.askedAt)
    await mergeDetails(tx, ctx, link.id, { askedAt: ctx.clock.now().toISOString() });
  const mayBeThere = !!link.details.askedAt || isFromBefore(decided.row, connection);
  return { link, wanted, row: decided.row, mayBeThere };
}

/** A consultation that was agreed on before the firm connected may have a meeting of an earlier connection. */
const isFromBefore = (row: ConsultationRow, { connectedAt }: ConnectionRow): boolean =>
  row.joinUrlFrom === "zoom" || row.bookedAt < connectedAt;

async function decide(
  tx: Tx,
  ctx: Ctx,
  connectionId: string,
  consultationId: string,
): Promise<{ wanted: Wanted; link: MeetingLink | null; row: ConsultationRow } | null> {
  const row = await findConsultation(tx, ctx, consultationId);
  if (!row) return null;
  const link = await findMeetingOf(tx, ctx, connectionId, consultationId);
  return { wanted: await wantedOf(tx, ctx, row, link), link, row };
}

async function wantedOf(tx: Tx, ctx: Ctx, row: ConsultationRow, link: MeetingLink | null): Promise<Wanted> {
  const now = ctx.clock.now();
  if (row.endsAt <= now) return null;
  const isThere = link?.state !== "removed" && link?.externalId != null;
  const isOthers = row.joinUrlFrom === "acuity" || row.joinUrlFrom === "firm";
  if (row.state !== "scheduled" || isOthers) {
    // One that was asked for and not answered may be there: it is looked for, and then removed.
    return isThere || (link?.details.askedAt && link.state !== "removed") ? { what: "remove" } : null;
  }
  if (row.startsAt <= now) return null;
  const lead = await tx.lead.findUnique({
    where: { tenantId_id: { tenantId: ctx.tenantId, id: row.leadId } },
    select: { name: true },
  });
  const plan = planOf(row, lead?.name ?? "");
  const isSame = link?.pushedHash === hashOf(plan);
  if (isThere) return isSame ? null : { what: "change", plan };
  // Who took it away at Zoom meant it, as long as the consultation stays as it was.
  return link?.details.removedThereAt && isSame ? null : { what: "make", plan };
}

async function make(ctx: Ctx, work: Work, plan: MeetingPlan): Promise<void> {
  const { mayBeThere } = work;
  const found = mayBeThere ? await findByReference(ctx, work) : null;
  if (found?.joinUrl) {
    const isSame = found.startsAt?.getTime() === plan.startsAt.getTime() && found.minutes === plan.minutes;
    if (!isSame) await withAccess(ctx, "zoom", (access) => patchMeeting(access, found.id, plan));
    return keep(ctx, work, plan, { ...found, joinUrl: found.joinUrl });
  }
  const meeting = await withAccess(ctx, "zoom", (access) => createMeeting(access, plan));
  await keep(ctx, work, plan, meeting);
}

/** The meeting that we asked for and know nothing of. If there are several, the others are removed. */
async function findByReference(ctx: Ctx, { link, row }: Work): Promise<ZoomMeeting | null> {
  const found: ZoomMeeting[] = [];
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { meetings, nextPageToken } = await withAccess(ctx, "zoom", (access) => listMeetings(access, token));
    await inTenant(ctx, (tx) =>
      noteFetched(tx, ctx, link.connectionId, "meetings", meetings.length, "change", row.leadId),
    );
    found.push(...meetings.filter(({ agenda }) => referenceIn(agenda) === row.id));
    if (!nextPageToken || nextPageToken === token) break;
    token = nextPageToken;
  }
  const [first, ...others] = found;
  for (const { id } of others) await withAccess(ctx, "zoom", (access) => deleteMeeting(access, id));
  return first ?? null;
}

function keep(
  ctx: Ctx,
  { link, row }: Work,
  plan: MeetingPlan,
  meeting: ZoomMeeting & { joinUrl: string },
): Promise<void> {
  return inTenant(ctx, async (tx) => {
    await mergeDetails(tx, ctx, link.id, { hostId: meeting.hostId, askedAt: null, removedThereAt: null });
    const change = { state: "linked", externalId: meeting.id, pushedHash: hashOf(plan), leadId: row.leadId } as const;
    await saveLink(tx, ctx, link.id, change);
    await setMeeting(tx, ctx, row.id, meeting.joinUrl);
    await noteWritten(tx, ctx, link.connectionId, "created", meeting.id, row.leadId);
  });
}

async function change(ctx: Ctx, work: Work, plan: MeetingPlan): Promise<void> {
  const { link, row } = work;
  const meetingId = link.externalId ?? "";
  const isThere = await withAccess(ctx, "zoom", (access) => patchMeeting(access, meetingId, plan));
  if (!isThere) {
    // It was taken away there, and the consultation has changed since: it gets another.
    await inTenant(ctx, async (tx) => {
      const data = {
        connectionId: link.connectionId,
        provider: "zoom",
        resource: "meetings",
        externalId: meetingId,
      } as const;
      await recordEvent(tx, ctx, { type: "sync.removed_there", leadId: row.leadId, data });
      await mergeDetails(tx, ctx, link.id, { askedAt: ctx.clock.now().toISOString() });
    });
    return make(ctx, work, plan);
  }
  await inTenant(ctx, async (tx) => {
    // Whoever came at the hour that it had before says nothing about the new one.
    await mergeDetails(tx, ctx, link.id, { settledAt: null, collectAt: null, collectTries: 0 });
    await saveLink(tx, ctx, link.id, { state: "linked", pushedHash: hashOf(plan), leadId: row.leadId });
    await noteWritten(tx, ctx, link.connectionId, "updated", meetingId, row.leadId);
  });
}

async function remove(ctx: Ctx, work: Work): Promise<void> {
  const { link, row } = work;
  const meetingId = link.externalId ?? (await findByReference(ctx, work))?.id ?? null;
  if (meetingId) await withAccess(ctx, "zoom", (access) => deleteMeeting(access, meetingId));
  await inTenant(ctx, async (tx) => {
    await mergeDetails(tx, ctx, link.id, { askedAt: null });
    await saveLink(tx, ctx, link.id, { state: "removed", pushedHash: null, externalId: meetingId, leadId: row.leadId });
    await setMeeting(tx, ctx, row.id, null);
    if (meetingId) await noteWritten(tx, ctx, link.connectionId, "removed", meetingId, row.leadId);
  });
}
