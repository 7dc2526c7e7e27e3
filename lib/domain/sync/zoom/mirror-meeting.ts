import { AppError, VendorError } from "@/lib/core/errors";
import {
  createMeeting,
  deleteMeeting,
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
import { claimLink, failLink, type LinkClaim, renewLink, saveLink } from "../links";
import { isOwnPace } from "../retry-at";
import type { Mirrored } from "../sync-provider";
import { findMeetingOf, type MeetingLink, mergeDetails } from "./meeting-link";
import { hashOf, planOf } from "./meeting-plan";
import { findOwnFromBefore, findOwnNow } from "./own-meetings";
import { noteWritten } from "./sync-events";

/** What has to be done at Zoom for a consultation. */
type Wanted = { what: "make" | "change"; plan: MeetingPlan } | { what: "remove" } | null;
type Work = {
  link: MeetingLink;
  claim: LinkClaim;
  wanted: NonNullable<Wanted>;
  row: ConsultationRow;
  /** There may be a meeting that we do not know of: an answer got lost, or the firm was connected before. */
  mayBeThere: boolean;
};

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
    if (isOwnPace(error)) await noteUnasked(ctx, work);
    await failLink(ctx, work.claim, error);
    // What the service or the connection is to blame for is kept with the link; a fault of ours is one of the job too.
    if (!(error instanceof VendorError || error instanceof AppError)) throw error;
  }
}

/** We held the call back ourselves, so no meeting was asked for, and none has to be looked for next time. */
async function noteUnasked(ctx: Ctx, { link }: Work): Promise<void> {
  const askedAt = link.details.askedAt ?? null;
  if (!askedAt) await inTenant(ctx, (tx) => mergeDetails(tx, ctx, link.id, { askedAt }));
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
    await saveLink(tx, ctx, claimed, {});
    return null;
  }
  const { link, wanted } = decided;
  if (wanted.what === "make" && !link.details.askedAt)
    await mergeDetails(tx, ctx, link.id, { askedAt: ctx.clock.now().toISOString() });
  const mayBeThere = !!link.details.askedAt || isFromBefore(decided.row, connection);
  return { link, claim: claimed, wanted, row: decided.row, mayBeThere };
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
  if (row.state !== "scheduled" || row.joinUrlFrom === "acuity") {
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
  // Zoom makes a second one as gladly as the first: only who holds the link at this moment may ask.
  const claim = await inTenant(ctx, (tx) => renewLink(tx, ctx, work.claim));
  if (!claim) return;
  work.claim = claim;
  const meeting = await withAccess(ctx, "zoom", (access) => createMeeting(access, plan));
  await keep(ctx, work, plan, meeting);
}

/** The meeting that we asked for and know nothing of. If there are several, the others are removed. */
async function findByReference(ctx: Ctx, { link, row }: Work): Promise<ZoomMeeting | null> {
  // What was asked for and not answered is younger than any list that is kept.
  const found = link.details.askedAt
    ? await findOwnNow(ctx, link.connectionId, row.id)
    : await findOwnFromBefore(ctx, link.connectionId, row);
  const [first, ...others] = found;
  for (const { id } of others) await removeSurplus(ctx, link, row.leadId, id);
  return first ?? null;
}

async function keep(
  ctx: Ctx,
  { link, claim, row }: Work,
  plan: MeetingPlan,
  meeting: ZoomMeeting & { joinUrl: string },
): Promise<void> {
  const surplus = await inTenant(ctx, async (tx) => {
    const change = { state: "linked", externalId: meeting.id, pushedHash: hashOf(plan), leadId: row.leadId } as const;
    await noteWritten(tx, ctx, link.connectionId, "created", meeting.id, row.leadId);
    if (!(await saveLink(tx, ctx, claim, change))) return leaveToHolder(tx, ctx, link, meeting.id);
    const now = await findMeetingOf(tx, ctx, link.connectionId, row.id, { isLocked: true });
    const details = { hostId: meeting.hostId, askedAt: null, removedThereAt: null, strays: [] };
    await mergeDetails(tx, ctx, link.id, details);
    await setMeeting(tx, ctx, row.id, meeting.joinUrl);
    return (now?.details.strays ?? []).filter((id) => id !== meeting.id);
  });
  for (const id of surplus) await removeSurplus(ctx, link, row.leadId, id);
}

/** The meetings that we made for nothing: another worker took the link meanwhile. Until it has one, it may have found ours, so ours is left for it to judge. */
async function leaveToHolder(tx: Tx, ctx: Ctx, { connectionId, consultationId }: MeetingLink, meetingId: string) {
  const now = await findMeetingOf(tx, ctx, connectionId, consultationId, { isLocked: true });
  if (!now || now.externalId === meetingId) return [];
  if (now.externalId) return [meetingId];
  await mergeDetails(tx, ctx, now.id, { strays: [...(now.details.strays ?? []), meetingId] });
  return [];
}

async function removeSurplus(
  ctx: Ctx,
  { connectionId }: MeetingLink,
  leadId: string,
  meetingId: string,
): Promise<void> {
  await withAccess(ctx, "zoom", (access) => deleteMeeting(access, meetingId));
  await inTenant(ctx, (tx) => noteWritten(tx, ctx, connectionId, "removed", meetingId, leadId));
}

async function change(ctx: Ctx, work: Work, plan: MeetingPlan): Promise<void> {
  const { link, claim, row } = work;
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
    await noteWritten(tx, ctx, link.connectionId, "updated", meetingId, row.leadId);
    const change = { state: "linked", pushedHash: hashOf(plan), leadId: row.leadId } as const;
    if (!(await saveLink(tx, ctx, claim, change))) return doubt(tx, ctx, link);
    // Whoever came at the hour that it had before says nothing about the new one.
    await mergeDetails(tx, ctx, link.id, { settledAt: null, collectAt: null, collectTries: 0 });
  });
}

/** Another worker wrote too while our claim was over: it is written once more, as things are then. */
async function doubt(tx: Tx, { tenantId, clock }: Ctx, { id }: MeetingLink): Promise<void> {
  await tx.syncLink.updateMany({ where: { tenantId, id }, data: { pushedHash: null, nextAttemptAt: clock.now() } });
}

async function remove(ctx: Ctx, work: Work): Promise<void> {
  const { link, claim, row } = work;
  const meetingId = link.externalId ?? (await findByReference(ctx, work))?.id ?? null;
  if (meetingId) await withAccess(ctx, "zoom", (access) => deleteMeeting(access, meetingId));
  await inTenant(ctx, async (tx) => {
    if (meetingId) await noteWritten(tx, ctx, link.connectionId, "removed", meetingId, row.leadId);
    const change = { state: "removed", pushedHash: null, externalId: meetingId, leadId: row.leadId } as const;
    if (!(await saveLink(tx, ctx, claim, change))) return;
    await mergeDetails(tx, ctx, link.id, { askedAt: null });
    await setMeeting(tx, ctx, row.id, null);
  });
}
