import { findMeeting, listMeetings, type ZoomMeeting } from "@/lib/integrations/zoom";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { withAccess } from "../../tenants/connections/with-access";
import { referenceIn } from "./meeting-plan";
import { noteFetched } from "./sync-events";

/** No account has more meetings to come than this; a list without end is left. */
const MAX_PAGES = 20;
/** What stood at Zoom before a firm connected does not change by our doing: one reading does for all its consultations for so long. */
const KEPT_MS = 5 * 60_000;
const MAX_KEPT = 100;

/** The numbers of meetings by the consultation that they were made for. */
type Own = Map<string, string[]>;

// In this process only: another one reads for itself. No links to meet by are kept, only numbers.
const kept = new Map<string, { until: number; own: Promise<Own> }>();

/** The meetings to come that carry the reference of a consultation, as the list says now. */
export async function findOwnNow(ctx: Ctx, connectionId: string, consultationId: string): Promise<ZoomMeeting[]> {
  const found: ZoomMeeting[] = [];
  await eachPage(ctx, connectionId, (meetings) => {
    found.push(...meetings.filter(({ agenda }) => referenceIn(agenda) === consultationId));
  });
  return found;
}

/**
 * The meetings that an earlier connection may have made for a consultation. After connecting anew, all consultations ask this within minutes: the list is read
 * once for them all, and what it has is looked at by its number.
 */
export async function findOwnFromBefore(
  ctx: Ctx,
  connectionId: string,
  { id, leadId }: { id: string; leadId: string },
): Promise<ZoomMeeting[]> {
  const numbers = (await ownOf(ctx, connectionId)).get(id) ?? [];
  const found: ZoomMeeting[] = [];
  for (const number of numbers) {
    const meeting = await lookAt(ctx, connectionId, { meetingId: number, leadId, because: "change" });
    if (meeting) found.push(meeting);
  }
  return found;
}

/** One meeting by its number, noted as read; null when there is none any more. */
export async function lookAt(
  ctx: Ctx,
  connectionId: string,
  { meetingId, leadId, because }: { meetingId: string; leadId: string; because: "change" | "schedule" },
): Promise<ZoomMeeting | null> {
  const meeting = await withAccess(ctx, "zoom", (access) => findMeeting(access, meetingId));
  await inTenant(ctx, (tx) => noteFetched(tx, ctx, connectionId, "meetings", meeting ? 1 : 0, because, leadId));
  return meeting;
}

function ownOf(ctx: Ctx, connectionId: string): Promise<Own> {
  const key = `${ctx.tenantId}:${connectionId}`;
  const now = ctx.clock.now().getTime();
  const known = kept.get(key);
  if (known && known.until > now) return known.own;
  for (const [other, { until }] of kept) if (until <= now || kept.size >= MAX_KEPT) kept.delete(other);
  const own = readOwn(ctx, connectionId);
  const entry = { until: now + KEPT_MS, own };
  kept.set(key, entry);
  own.catch(() => {
    if (kept.get(key) === entry) kept.delete(key);
  });
  return own;
}

async function readOwn(ctx: Ctx, connectionId: string): Promise<Own> {
  const own: Own = new Map();
  await eachPage(ctx, connectionId, (meetings) => {
    for (const { id, agenda } of meetings) {
      const reference = referenceIn(agenda);
      if (reference) own.set(reference, [...(own.get(reference) ?? []), id]);
    }
  });
  return own;
}

async function eachPage(
  ctx: Ctx,
  connectionId: string,
  take: (meetings: readonly ZoomMeeting[]) => void,
): Promise<void> {
  let token: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { meetings, nextPageToken } = await withAccess(ctx, "zoom", (access) => listMeetings(access, token));
    await inTenant(ctx, (tx) => noteFetched(tx, ctx, connectionId, "meetings", meetings.length, "change"));
    take(meetings);
    if (!nextPageToken || nextPageToken === token) return;
    token = nextPageToken;
  }
}
