import { listMeetings, type ZoomMeeting } from "@/lib/integrations/zoom";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { withAccess } from "../../tenants/connections/with-access";
import { type Drift, type DriftItem, driftOf } from "../drift";
import { referenceIn } from "./meeting-plan";
import { noteFetched } from "./sync-events";
import { type ComingMeeting, listComing } from "./upcoming-meetings";

const MAX_PAGES = 20;

/**
 * Meetings to come, ours beside theirs. Of theirs only those that carry the reference of a consultation of this firm: the account's other meetings, and
 * those of another firm that shares it, are none of our business.
 */
export async function compareMeetings(ctx: Ctx, connectionId: string): Promise<Drift> {
  const theirs = new Map((await readAll(ctx, connectionId)).map((meeting) => [meeting.id, meeting]));
  const references = [...theirs.values()].flatMap(({ agenda }) => referenceIn(agenda) ?? []);
  const { ours, known } = await inTenant(ctx, async (tx) => ({
    ours: await listComing(tx, ctx, connectionId),
    known: await tx.consultation.findMany({
      where: { tenantId: ctx.tenantId, id: { in: references } },
      select: { id: true, leadId: true },
    }),
  }));
  const leadOf = new Map(known.map(({ id, leadId }) => [id, leadId]));
  const numbers = new Set(ours.map(({ externalId }) => externalId));
  const items: DriftItem[] = ours.flatMap((mine) => differenceOf(mine, theirs.get(mine.externalId)));
  let count = 0;
  for (const meeting of theirs.values()) {
    const consultationId = referenceIn(meeting.agenda) ?? "";
    const leadId = leadOf.get(consultationId);
    if (leadId === undefined) continue;
    count += 1;
    if (!numbers.has(meeting.id))
      items.push({ leadId, consultationId, externalId: meeting.id, what: "only_theirs", fields: ["meeting"] });
  }
  return driftOf({ ours: ours.length, theirs: count, items });
}

function differenceOf(mine: ComingMeeting, there: ZoomMeeting | undefined): DriftItem[] {
  const { leadId, consultationId, externalId } = mine;
  const item = { leadId, consultationId, externalId };
  if (!there) return [{ ...item, what: "only_ours", fields: ["meeting"] }];
  const minutes = Math.round((mine.endsAt.getTime() - mine.startsAt.getTime()) / 60_000);
  const fields = [
    ...(there.startsAt?.getTime() === mine.startsAt.getTime() ? [] : ["startsAt"]),
    ...(there.minutes === minutes ? [] : ["minutes"]),
  ];
  return fields.length === 0 ? [] : [{ ...item, what: "different", fields }];
}

async function readAll(ctx: Ctx, connectionId: string): Promise<ZoomMeeting[]> {
  const all: ZoomMeeting[] = [];
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const read = await withAccess(ctx, "zoom", (access) => listMeetings(access, token));
    await inTenant(ctx, (tx) => noteFetched(tx, ctx, connectionId, "meetings", read.meetings.length, "schedule"));
    all.push(...read.meetings);
    if (read.nextPageToken === null || read.nextPageToken === token) break;
    token = read.nextPageToken;
  }
  return all;
}
