import { newId } from "@/lib/core/ids";
import type { GoogleEvent, GoogleEventPage } from "@/lib/integrations/google-calendar";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import type { AnyEvent } from "../../events/catalog";
import { recordEvents } from "../../events/record-events";
import { busyInterval, intervalOf } from "./busy-interval";
import { detailsOf, type EventDetails, markedConsultation } from "./event-content";

type Page = {
  connectionId: string;
  /** Eight hex letters that the ids of the rows of one full reading begin with: what has others was not in it. */
  round: string;
  page: GoogleEventPage;
};

/**
 * Keeps what a page says: of our own events whether they were moved or deleted there, of all others when they take time, and nothing else of them. What an event
 * was before is replaced, so a page may come twice.
 */
export async function storePage(tx: Tx, ctx: Ctx, { connectionId, round, page }: Page): Promise<void> {
  if (page.items.length === 0) return;
  const zone = page.timeZone ?? "UTC";
  const links = await linksOf(tx, ctx, connectionId, page.items);
  const own = await ownConsultations(tx, ctx, page.items);
  const now = ctx.clock.now();
  const busy = new Map<string, Busy>();
  for (const event of page.items) {
    const link = links.get(event.id);
    if (link) await noteOurs(tx, ctx, connectionId, link, event, zone);
    const marked = markedConsultation(event, ctx.tenantId);
    const isOurs = link !== undefined || (marked !== null && own.has(marked));
    const interval = isOurs ? null : busyInterval(event, zone, now);
    if (!interval) continue;
    busy.set(event.id, {
      id: round + newId().slice(8),
      external_id: event.id,
      starts_at: interval.startsAt,
      ends_at: interval.endsAt,
      is_all_day: interval.isAllDay,
    });
  }
  const gone = page.items.filter(({ status }) => status === "cancelled").map(({ id }) => id);
  await replaceBusy(tx, ctx, connectionId, {
    ids: page.items.map(({ id }) => id),
    gone,
    rows: [...busy.values()],
  });
}

type Busy = { id: string; external_id: string; starts_at: Date; ends_at: Date; is_all_day: boolean };
type Link = {
  id: string;
  leadId: string;
  externalId: string;
  etag: string | null;
  externalModifiedAt: Date | null;
  state: string;
  details: unknown;
};

async function linksOf(
  tx: Tx,
  ctx: Ctx,
  connectionId: string,
  items: readonly GoogleEvent[],
): Promise<Map<string, Link>> {
  const ids = items.map(({ id }) => id);
  const rows = await tx.$queryRaw<Link[]>(Prisma.sql`
    SELECT id, lead_id AS "leadId", external_id AS "externalId", etag, external_modified_at AS "externalModifiedAt", state, details
    FROM sync_link WHERE tenant_id = ${ctx.tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = 'event'
      AND external_id = ANY(${ids}::text[]) FOR NO KEY UPDATE`);
  return new Map(rows.map((row) => [row.externalId, row]));
}

/** The consultations of this firm that events say they stand for, also where no link is known (any more). */
async function ownConsultations(tx: Tx, ctx: Ctx, items: readonly GoogleEvent[]): Promise<Set<string>> {
  const ids = items.flatMap((event) => markedConsultation(event, ctx.tenantId) ?? []);
  if (ids.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM consultation WHERE tenant_id = ${ctx.tenantId}::uuid AND id::text = ANY(${ids}::text[])`);
  return new Set(rows.map(({ id }) => id));
}

/** What was done there to an event of ours. Nothing is written back: a person decides. */
async function noteOurs(
  tx: Tx,
  ctx: Ctx,
  connectionId: string,
  link: Link,
  event: GoogleEvent,
  zone: string,
): Promise<void> {
  const details = detailsOf(link.details);
  // A page may be older than what we wrote while it was on its way.
  const modifiedAt = event.updated ? new Date(event.updated) : null;
  const isOld = modifiedAt !== null && link.externalModifiedAt !== null && modifiedAt < link.externalModifiedAt;
  if (event.status === "cancelled") {
    // One that we removed ourselves comes back as an echo, and may come after we wrote it anew.
    if (link.state !== "linked" || isOld) return;
    await update(tx, ctx, link, { state: "removed", details: { ...details, removedThere: true } });
    const data = { connectionId, provider: "google", resource: "calendar", externalId: event.id } as const;
    await recordEvents(tx, ctx, [{ type: "sync.removed_there", leadId: link.leadId, data } satisfies AnyEvent]);
    return;
  }
  const isBack = link.state === "removed" && details.removedThere === true;
  if (isOld || (event.etag === link.etag && !isBack)) return;
  const { movedTo: _old, removedThere: _gone, ...rest } = details;
  const at = intervalOf(event, zone);
  const isMoved =
    at !== null && (at.startsAt.toISOString() !== rest.startsAt || at.endsAt.toISOString() !== rest.endsAt);
  await update(tx, ctx, link, {
    etag: event.etag ?? null,
    externalModifiedAt: modifiedAt,
    // Taken out of the bin again.
    ...(isBack ? { state: "linked" } : {}),
    details: isMoved
      ? { ...rest, movedTo: { startsAt: at.startsAt.toISOString(), endsAt: at.endsAt.toISOString() } }
      : rest,
  });
}

type Change = { state?: string; etag?: string | null; externalModifiedAt?: Date | null; details: EventDetails };

async function update(tx: Tx, { tenantId, clock }: Ctx, { id }: Link, change: Change): Promise<void> {
  await tx.syncLink.updateMany({ where: { tenantId, id }, data: { ...change, updatedAt: clock.now() } });
}

type Replacing = { ids: readonly string[]; gone: readonly string[]; rows: readonly Busy[] };

/** With a series that was deleted go its instances, whose ids begin with its own, also when only the series is named. */
async function replaceBusy(
  tx: Tx,
  { tenantId }: Ctx,
  connectionId: string,
  { ids, gone, rows }: Replacing,
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM busy_time WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid
      AND (external_id = ANY(${ids}::text[])
        OR EXISTS (SELECT FROM unnest(${gone}::text[]) AS series WHERE starts_with(external_id, series || '_')))`);
  if (rows.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO busy_time (tenant_id, id, connection_id, external_id, starts_at, ends_at, is_all_day)
    SELECT ${tenantId}::uuid, r.id, ${connectionId}::uuid, r.external_id, r.starts_at, r.ends_at, r.is_all_day
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, external_id text, starts_at timestamptz, ends_at timestamptz, is_all_day boolean)`);
}
