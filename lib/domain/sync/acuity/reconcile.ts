import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { startOfDay } from "@/lib/core/local-time";
import { Prisma } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import { applyBooking, beginLook } from "../../bookings/apply-booking";
import type { SeenBooking } from "../../bookings/seen-booking";
import { contentHashOf, tidyBooking } from "../../bookings/tidy-booking";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { withAccess } from "../../tenants/connections/with-access";
import type { SyncResource, Turn } from "../sync-provider";
import { accountZone } from "./account-zone";
import { type Listed, listWindow } from "./list-window";
import { lookAtBooking } from "./look-at-booking";
import { recordFetch } from "./record-exchange";
import { toSeen } from "./seen-appointment";
import { dayFrom, daysBetween, plusDays, windowOf } from "./windows";

const DAY_MS = 86_400_000;

/** Days back and ahead: everything that matters at first, and then what may have changed without our being told. */
const REACH = { backfill: { back: 90, ahead: 365 }, incremental: { back: 31, ahead: 365 } } as const;

/** Days that are asked for in one reply, at first and at most. */
const FIRST_DAYS = 14;
const MOST_DAYS = 92;

/** Where a run stands: the day it began with, the first one that was not read yet (null when it is through), and the last. */
const Standing = z.object({
  from: z.iso.date(),
  next: z.iso.date().nullable(),
  until: z.iso.date(),
  days: z.int().min(1).max(MOST_DAYS),
});
type Standing = z.infer<typeof Standing>;

/**
 * Compares what Acuity has with what we hold, a window of days at a time, and repairs what differs: so a webhook that was lost costs at most a day. Of ours that
 * are not there any more each is looked at by itself: it may have moved to another day, or be gone.
 */
export const APPOINTMENTS: SyncResource = { name: "appointments", everyMs: DAY_MS, pull: reconcile };

async function reconcile(ctx: Ctx, turn: Turn): Promise<void> {
  const zone = await accountZone(ctx);
  const at = standingOf(ctx, turn, zone);
  const window = windowOf(at.next ?? at.until, at.days, at.until);
  const listed = await withAccess(ctx, "acuity", (access) => listWindow(access, window));
  const { connectionId } = turn;
  const items = listed.appointments.length;
  const { tenantId } = ctx;
  if (!listed.isWhole) log.warn("a day has more appointments than Acuity lists", { tenantId, count: items });
  if (listed.skipped > 0)
    log.warn("appointments that make no sense were left out", { tenantId, count: listed.skipped });
  // What is stored below is on the trail before it is stored.
  await inTenant(ctx, (tx) =>
    recordFetch(tx, ctx, { connectionId, resource: "appointments", items, because: "schedule" }),
  );
  await repair(ctx, connectionId, listed, zone);

  const next = plusDays(listed.maxDate, 1);
  const isDone = next > at.until;
  const read = daysBetween(listed.minDate, listed.maxDate) + 1;
  const position: Standing = {
    from: at.from,
    next: isDone ? null : next,
    until: at.until,
    days: Math.min(MOST_DAYS, read < at.days ? read : at.days * 2),
  };
  // Nobody says how many appointments there are; how many days there are is known from the start.
  const progress = { done: daysBetween(at.from, next), total: daysBetween(at.from, at.until) + 1 };
  await inTenant(ctx, (tx) => turn.advance(tx, { position, isDone, progress }));
}

function standingOf(ctx: Ctx, { position, phase }: Turn, zone: string): Standing {
  const known = Standing.safeParse(position);
  if (known.success && known.data.next !== null) return known.data;
  const { back, ahead } = REACH[phase];
  const now = ctx.clock.now();
  const from = dayFrom(now, zone, -back);
  return { from, next: from, until: dayFrom(now, zone, ahead), days: FIRST_DAYS };
}

/** What we hold of a window: of these ids wherever they are, and of these days whatever their ids. */
type Held = { sourceId: string; contentHash: string; isInWindow: boolean; isOfBefore: boolean; state: string };

async function repair(ctx: Ctx, connectionId: string, listed: Listed, zone: string): Promise<void> {
  const seen = listed.appointments.map(toSeen);
  const held = await findHeld(ctx, listed, seen, zone);
  const differing = seen.filter((each) => held.get(each.sourceId)?.contentHash !== hashOf(ctx, each));
  await storeEach(ctx, connectionId, listed, differing);
  const there = new Set([...seen.map((each) => each.sourceId), ...listed.unread]);
  // One that we know to be canceled may well be gone for good, and one of a former account is not known to this one.
  const missing = [...held.values()].filter(
    (each) => each.isInWindow && !each.isOfBefore && each.state !== "canceled" && !there.has(each.sourceId),
  );
  for (const { sourceId } of missing) await lookAtOne(ctx, connectionId, sourceId);
}

/** Looks at one that is not where it was; one that makes no sense is left as we hold it, and keeps nobody behind it waiting. */
async function lookAtOne(ctx: Ctx, connectionId: string, sourceId: string): Promise<void> {
  try {
    await lookAtBooking(ctx, { connectionId, sourceId }, "schedule");
  } catch (error) {
    if (!(error instanceof VendorError) || error.kind !== "garbled") throw error;
    log.warn("an appointment that makes no sense was left out", { tenantId: ctx.tenantId, ...failureFields(error) });
  }
}

const hashOf = (ctx: Ctx, seen: SeenBooking): string => contentHashOf(ctx.tenantId, tidyBooking(seen));

async function findHeld(
  ctx: Ctx,
  { minDate, maxDate }: Listed,
  seen: readonly SeenBooking[],
  zone: string,
): Promise<Map<string, Held>> {
  const ids = seen.map((each) => each.sourceId);
  const isInWindow = Prisma.sql`c.starts_at >= ${startOfDay(minDate, zone)} AND c.starts_at < ${startOfDay(maxDate, zone, 1)}`;
  const rows = await inTenant(ctx, (tx) =>
    tx.$queryRaw<Held[]>(Prisma.sql`
      SELECT c.source_id AS "sourceId", c.content_hash AS "contentHash", c.state, (${isInWindow}) AS "isInWindow",
        coalesce(c.created_at < k.connected_at, false) AS "isOfBefore"
      FROM consultation c LEFT JOIN connection k ON k.tenant_id = c.tenant_id AND k.provider = 'acuity'
      WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.origin = 'acuity' AND (c.source_id = ANY (${ids}) OR (${isInWindow}))`),
  );
  return new Map(rows.map((row) => [row.sourceId, row]));
}

/**
 * Stores appointments that are not as we hold them. The list was asked for before a place in the order of looks could be taken, so it is asked for once more: what
 * the second reply says was read after every look that is stored by now.
 */
async function storeEach(
  ctx: Ctx,
  connectionId: string,
  { minDate, maxDate }: Listed,
  differing: readonly SeenBooking[],
) {
  if (differing.length === 0) return;
  const looks = new Map<string, number>();
  for (const { sourceId } of differing) looks.set(sourceId, await beginLook(ctx, "acuity", sourceId));
  const again = await withAccess(ctx, "acuity", (access) => listWindow(access, { minDate, maxDate }));
  const found = new Map(again.appointments.map((appointment) => [appointment.id, toSeen(appointment)]));
  const items = again.appointments.length;
  await inTenant(ctx, (tx) =>
    recordFetch(tx, ctx, { connectionId, resource: "appointments", items, because: "schedule" }),
  );
  for (const [sourceId, look] of looks) {
    const seen = found.get(sourceId);
    if (seen) await applyBooking(ctx, seen, look, "schedule");
    else await lookAtOne(ctx, connectionId, sourceId);
  }
}
