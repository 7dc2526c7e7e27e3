import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { listMeetings } from "@/lib/integrations/zoom";
import { Prisma, type Tx } from "@/lib/platform/db";
import { holdConsultation } from "../../bookings/consultation-row";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { withAccess } from "../../tenants/connections/with-access";
import type { Turn } from "../sync-provider";
import { findMeetingOf } from "./meeting-link";
import { noteRemovedThere } from "./note-removed-there";
import { lookAt } from "./own-meetings";
import { noteFetched } from "./sync-events";

const Position = z.object({
  token: z.string().nullable().default(null),
  seen: z.array(z.string()).default([]),
  /** The consultation whose meeting was looked for last: the next round goes on behind it. */
  after: z.string().nullable().default(null),
});
/** How many that are missing from the list are looked for one by one in one round; the others have theirs in the next. */
const MAX_LOOKS = 25;

/** A meeting of ours for a consultation that is still to come. */
export type ComingMeeting = {
  consultationId: string;
  leadId: string;
  externalId: string;
  startsAt: Date;
  endsAt: Date;
};

/** The meetings of ours that should stand at Zoom, the next one first. */
export const listComing = (tx: Tx, ctx: Ctx, connectionId: string): Promise<ComingMeeting[]> =>
  tx.$queryRaw<ComingMeeting[]>(Prisma.sql`
    SELECT c.id AS "consultationId", c.lead_id AS "leadId", s.external_id AS "externalId", c.starts_at AS "startsAt", c.ends_at AS "endsAt"
    FROM sync_link s JOIN consultation c ON c.tenant_id = s.tenant_id AND c.id = s.consultation_id
    WHERE s.tenant_id = ${ctx.tenantId}::uuid AND s.connection_id = ${connectionId}::uuid AND s.kind = 'meeting' AND s.state = 'linked'
      AND s.external_id IS NOT NULL AND c.state = 'scheduled' AND c.starts_at > ${ctx.clock.now()}
    ORDER BY c.starts_at, c.id LIMIT 5000`);

/** Reads one page of what is to come at Zoom. After the last one, meetings of ours that were on none are looked for, and noted as taken away when they are. */
export async function pullMeetings(ctx: Ctx, turn: Turn): Promise<void> {
  const { connectionId } = turn;
  const { token, seen, after } = Position.parse(turn.position ?? {});
  const page = await withAccess(ctx, "zoom", (access) => listMeetings(access, token)).catch((error: unknown) => {
    // The token of a page lives fifteen minutes: whoever comes later begins again.
    if (token !== null && error instanceof VendorError && error.status === 400 && error.code === "300") return null;
    throw error;
  });
  if (!page) return inTenant(ctx, (tx) => turn.advance(tx, { position: { after }, isDone: false }));
  const all = [...seen, ...page.meetings.map(({ id }) => id)];
  const isLast = page.nextPageToken === null || page.nextPageToken === token;
  const { gone, last } = isLast ? await findGone(ctx, connectionId, new Set(all), after) : { gone: [], last: after };
  await inTenant(ctx, async (tx) => {
    await noteFetched(tx, ctx, connectionId, "meetings", page.meetings.length, "schedule");
    for (const consultationId of gone) {
      await holdConsultation(tx, ctx, consultationId);
      const link = await findMeetingOf(tx, ctx, connectionId, consultationId, { isLocked: true });
      if (link) await noteRemovedThere(tx, ctx, link);
    }
    const position = isLast ? { after: last } : { token: page.nextPageToken, seen: all, after };
    await turn.advance(tx, { position, isDone: isLast, progress: { done: all.length, total: null } });
  });
}

/**
 * Consultations whose meeting is on no page, and not to be found by its number either: a list alone proves nothing. `last`: which one was looked for last; null
 * when none is left behind it.
 */
async function findGone(
  ctx: Ctx,
  connectionId: string,
  seen: ReadonlySet<string>,
  after: string | null,
): Promise<{ gone: string[]; last: string | null }> {
  const coming = await inTenant(ctx, (tx) => listComing(tx, ctx, connectionId));
  const from = coming.findIndex(({ consultationId }) => consultationId === after) + 1;
  const missing = coming.slice(from).filter(({ externalId }) => !seen.has(externalId));
  const looked = missing.slice(0, MAX_LOOKS);
  const gone: string[] = [];
  for (const { consultationId, leadId, externalId } of looked) {
    if (await isGone(ctx, connectionId, { meetingId: externalId, leadId })) gone.push(consultationId);
  }
  return { gone, last: missing.length > looked.length ? (looked.at(-1)?.consultationId ?? null) : null };
}

/** A meeting whose answer we cannot read is there. */
async function isGone(
  ctx: Ctx,
  connectionId: string,
  { meetingId, leadId }: { meetingId: string; leadId: string },
): Promise<boolean> {
  try {
    return (await lookAt(ctx, connectionId, { meetingId, leadId, because: "schedule" })) === null;
  } catch (error) {
    if (error instanceof VendorError && error.kind === "garbled") return false;
    throw error;
  }
}
