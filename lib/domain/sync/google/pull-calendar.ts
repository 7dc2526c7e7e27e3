import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { type GoogleAccess, type GoogleEventPage, isStatus, listEvents } from "@/lib/integrations/google-calendar";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { withAccess } from "../../tenants/connections/with-access";
import type { Turn } from "../sync-provider";
import { wake } from "../wake";
import { oldestKept } from "./busy-interval";
import { calendarIdOf } from "./event-content";
import { storePage } from "./store-page";

/** A calendar is read from its beginning this often, since what was too far ahead to keep comes nearer without changing. */
const REFRESH_MS = 30 * 86_400_000;

const Place = z.object({
  calendarId: z.string(),
  /** Which full reading the kept busy times belong to: see `storePage`. */
  round: z.string().regex(/^[0-9a-f]{8}$/),
  beganAt: z.string(),
  timeZone: z.string().optional(),
  pageToken: z.string().optional(),
  syncToken: z.string().optional(),
  done: z.number(),
});
/** Where a reading of the calendar is: in the middle of a full one (no `syncToken`), or at a token from which changes are read. */
type Place = z.infer<typeof Place>;

/** One page of the calendar's events: all of them at first, then what changed. */
export async function pullCalendar(ctx: Ctx, turn: Turn): Promise<void> {
  const { place, page } = await withAccess(ctx, "google", (access) => read(ctx, turn, access));
  const isLast = page.nextPageToken === undefined;
  const isFull = place.syncToken === undefined;
  if (isLast && page.nextSyncToken === undefined)
    throw new VendorError("google", "garbled", "ended a list without a token for the next one");
  const done = place.done + page.items.length;
  await inTenant(ctx, async (tx) => {
    if (turn.position && Place.safeParse(turn.position).data?.calendarId !== place.calendarId)
      await moveCalendar(tx, ctx, turn.connectionId, place.calendarId);
    await storePage(tx, ctx, { connectionId: turn.connectionId, round: place.round, page });
    if (isLast) await forgetOld(tx, ctx, turn.connectionId, isFull ? place.round : null);
    await recordEvent(tx, ctx, {
      type: "sync.fetched",
      data: {
        connectionId: turn.connectionId,
        provider: "google",
        resource: "calendar",
        items: page.items.length,
        because: "schedule",
      },
    });
    const { pageToken: _turned, ...rest } = place;
    const timeZone = page.timeZone ?? place.timeZone;
    await turn.advance(tx, {
      position: isLast
        ? { ...rest, timeZone, syncToken: page.nextSyncToken, done: 0 }
        : { ...rest, timeZone, pageToken: page.nextPageToken, done },
      isDone: isLast,
      ...(isFull ? { progress: { done, total: isLast ? done : null } } : {}),
    });
  });
}

async function read(ctx: Ctx, turn: Turn, access: GoogleAccess): Promise<{ place: Place; page: GoogleEventPage }> {
  const calendarId = calendarIdOf(access);
  const fresh = (): Place => ({
    calendarId,
    round: newId().slice(-8),
    beganAt: ctx.clock.now().toISOString(),
    done: 0,
  });
  const place = standing(turn, calendarId, ctx.clock.now()) ?? fresh();
  const { syncToken, pageToken } = place;
  try {
    const page = await listEvents(access, {
      calendarId,
      ...(syncToken ? { syncToken } : {}),
      ...(pageToken ? { pageToken } : {}),
    });
    // A day of the calendar begins elsewhere since it has another zone: all of them are read again.
    const isMoved = syncToken !== undefined && page.timeZone !== undefined && page.timeZone !== place.timeZone;
    if (!isMoved) return { place, page };
  } catch (error) {
    // The token ended (410), or one that we hold is not taken any more: everything is read from the beginning.
    const isOver =
      isStatus(error, 410) || (isStatus(error, 400) && (syncToken !== undefined || pageToken !== undefined));
    if (!isOver) throw error;
  }
  return { place: fresh(), page: await listEvents(access, { calendarId }) };
}

/** Where we are, unless a full reading is due: another calendar, a position of another shape, or one that is old. */
function standing(turn: Turn, calendarId: string, now: Date): Place | null {
  const place = Place.safeParse(turn.position).data;
  if (place?.calendarId !== calendarId) return null;
  const isOld = place.syncToken !== undefined && now.getTime() - Date.parse(place.beganAt) > REFRESH_MS;
  return isOld && place.pageToken === undefined ? null : place;
}

/** What is long over, and after a full reading what was not in it. Until then the old ones stay, so that no conflict vanishes meanwhile. */
async function forgetOld(tx: Tx, ctx: Ctx, connectionId: string, round: string | null): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM busy_time WHERE tenant_id = ${ctx.tenantId}::uuid AND connection_id = ${connectionId}::uuid
      AND (ends_at < ${oldestKept(ctx.clock.now())} ${round === null ? Prisma.empty : Prisma.sql`OR left(id::text, 8) <> ${round}`})`);
}

/** The firm chose another calendar: what is still to come moves there, and that calendar tells us of its changes. */
async function moveCalendar(tx: Tx, ctx: Ctx, connectionId: string, calendarId: string): Promise<void> {
  const { tenantId } = ctx;
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT c.id FROM sync_link k JOIN consultation c ON c.tenant_id = k.tenant_id AND c.id = k.consultation_id
    WHERE k.tenant_id = ${tenantId}::uuid AND k.connection_id = ${connectionId}::uuid AND k.kind = 'event'
      AND k.details->>'calendarId' IS DISTINCT FROM ${calendarId} AND c.ends_at > ${ctx.clock.now()} ORDER BY c.starts_at`);
  await enqueue(
    tx,
    "sync.consultation",
    rows.map(({ id }) => ({ tenantId, consultationId: id })),
  );
  await wake(tx, ctx, "google", "channel");
}
