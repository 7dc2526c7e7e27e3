import { AppError, VendorError } from "@/lib/core/errors";
import { firmOrigin } from "@/lib/core/host";
import { Prisma, type Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { type ConsultationRow, findConsultation, openJoinUrl } from "../../bookings/consultation-row";
import { findBookerEmail } from "../../bookings/find-booker-email";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import type { AnyEvent } from "../../events/catalog";
import { recordEvents } from "../../events/record-events";
import { findConnection } from "../../tenants/connections/connections";
import { withAccess } from "../../tenants/connections/with-access";
import { claimLink, failLink, type LinkClaim, type LinkRow, saveLink } from "../links";
import type { Mirrored } from "../sync-provider";
import { intervalOf } from "./busy-interval";
import { calendarIdOf, contentOf, detailsOf, type EventContent, type EventDetails, eventIdOf } from "./event-content";
import { invitedIndex, isAt, type Writing, type Written, writeEvent } from "./write-event";

type Plan = Writing & { claim: LinkClaim; leadId: string; connectionId: string };

/**
 * Brings the event of a consultation up to date: one that is scheduled has an event, one that is canceled or that nobody came to has none. Nothing is asked of
 * Google when nothing changed. An event that somebody deleted there is not written again until the consultation itself changes.
 */
export async function mirrorConsultation(ctx: Ctx, { consultationId }: Mirrored): Promise<void> {
  const plan = await inTenant(ctx, (tx) => planWriting(tx, ctx, consultationId));
  if (!plan) return;
  try {
    const written = await withAccess(ctx, "google", (access) => writeEvent(access, plan));
    await inTenant(ctx, (tx) => keep(tx, ctx, plan, written));
  } catch (error) {
    await failLink(ctx, plan.claim, error);
    if (!(error instanceof VendorError) && !(error instanceof AppError)) throw error;
  }
}

async function planWriting(tx: Tx, ctx: Ctx, consultationId: string): Promise<Plan | null> {
  const connection = await findConnection(tx, ctx, "google");
  if (connection?.state !== "connected") return null;
  const row = await findConsultation(tx, ctx, consultationId);
  if (!row) return null;
  const known = await knownLink(tx, ctx, connection.id, consultationId);
  const isWanted = row.state === "scheduled";
  // What is over needs no event any more, and what was never written needs none removed.
  if (!known?.externalId && (!isWanted || row.endsAt <= ctx.clock.now())) return null;
  const wanted = isWanted ? await readContent(tx, ctx, row, connection) : null;
  if (known && !known.isDue && isUpToDate(known, wanted)) return null;
  const of = { connectionId: connection.id, kind: "event", leadId: row.leadId, consultationId } as const;
  const link = await claimLink(tx, ctx, of);
  if (!link) return null;
  if (isUpToDate(link, wanted)) {
    await saveLink(tx, ctx, link, {});
    return null;
  }
  const { tenantId } = ctx;
  return {
    tenantId,
    consultationId,
    connectionId: connection.id,
    leadId: row.leadId,
    claim: link,
    link,
    details: detailsOf(link.details),
    eventId: link.externalId ?? eventIdOf(tenantId, consultationId),
    wanted,
  };
}

type Known = Pick<LinkRow, "externalId" | "state" | "pushedHash" | "details">;

function isUpToDate({ externalId, state, pushedHash, details }: Known, wanted: EventContent | null): boolean {
  if (!wanted) return externalId === null || state === "removed";
  if (externalId === null || pushedHash !== wanted.hash) return false;
  return state === "linked" || (state === "removed" && detailsOf(details).removedThere === true);
}

/** A look without a claim: mostly there is nothing to do. `isDue`: a try is open, which only a claim settles. */
async function knownLink(
  tx: Tx,
  { tenantId }: Ctx,
  connectionId: string,
  consultationId: string,
): Promise<(Known & { isDue: boolean }) | null> {
  const [row] = await tx.$queryRaw<(Known & { isDue: boolean })[]>(Prisma.sql`
    SELECT external_id AS "externalId", state, pushed_hash AS "pushedHash", details, next_attempt_at IS NOT NULL AS "isDue"
    FROM sync_link WHERE tenant_id = ${tenantId}::uuid AND connection_id = ${connectionId}::uuid AND kind = 'event'
      AND consultation_id = ${consultationId}::uuid`);
  return row ?? null;
}

async function readContent(tx: Tx, ctx: Ctx, row: ConsultationRow, connection: Connection): Promise<EventContent> {
  const [lead] = await tx.$queryRaw<
    { name: string; firstName: string | null; lastName: string | null; slug: string }[]
  >(
    Prisma.sql`
    SELECT l.name, l.first_name AS "firstName", l.last_name AS "lastName", t.slug FROM lead l JOIN tenant t ON t.id = l.tenant_id
    WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.id = ${row.leadId}::uuid`,
  );
  if (!lead) throw new AppError("not_found", "No such lead.");
  const attendee = invites(connection) ? await findBookerEmail(tx, ctx, row) : null;
  return contentFrom(ctx, row, connection, { ...lead, attendee });
}

type Connection = { accountId: string; settings: Readonly<Record<string, string>> };

/** Whether the firm wants Google to invite the person. */
export const invites = ({ settings }: Connection): boolean => settings.invitesAttendees === "true";

/** What a consultation's event says, by what was read of its lead. */
export const contentFrom = (
  ctx: Ctx,
  row: ConsultationRow,
  connection: Connection,
  lead: { name: string; firstName: string | null; lastName: string | null; slug: string; attendee: string | null },
): EventContent =>
  contentOf({
    calendarId: calendarIdOf(connection),
    lead,
    leadUrl: `${firmOrigin(lead.slug, env().APP_BASE_URL)}/leads/${row.leadId}`,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    timeZone: row.timeZone,
    location: row.location,
    joinUrl: openJoinUrl(ctx, row),
    attendee: lead.attendee,
  });

async function keep(tx: Tx, ctx: Ctx, plan: Plan, { action, event, reads }: Written): Promise<void> {
  const { wanted, eventId, leadId, connectionId } = plan;
  const isKept = await saveLink(tx, ctx, plan.claim, {
    leadId,
    externalId: eventId,
    etag: event?.etag ?? null,
    externalModifiedAt: event?.updated ? new Date(event.updated) : null,
    state: wanted ? "linked" : "removed",
    pushedHash: wanted?.hash ?? null,
    details: wanted ? keptDetails(plan, wanted, event) : { calendarId: plan.details.calendarId },
  });
  if (!isKept) await doubt(tx, ctx, plan);
  const about = { connectionId, provider: "google" } as const;
  const events: AnyEvent[] = [
    { type: "sync.written", leadId, data: { ...about, resource: "event", action, externalId: eventId } },
  ];
  // What was read to decide is a reading too.
  if (reads > 0)
    events.unshift({
      type: "sync.fetched",
      leadId,
      data: { ...about, resource: "event", items: reads, because: "change" },
    });
  await recordEvents(tx, ctx, events);
}

/**
 * Our claim ended on the way, and another worker wrote too: whose words stand there, or whether anything does, is not known. So it is looked at and written once
 * more, as things are then.
 */
async function doubt(tx: Tx, { tenantId, clock }: Ctx, { claim, eventId, wanted, details }: Plan): Promise<void> {
  const place = JSON.stringify({ calendarId: details.calendarId ?? wanted?.calendarId });
  await tx.$executeRaw(Prisma.sql`
    UPDATE sync_link SET state = 'linked', external_id = ${eventId}, pushed_hash = NULL, etag = NULL, details = ${place}::jsonb || details,
      next_attempt_at = ${clock.now()}
    WHERE tenant_id = ${tenantId}::uuid AND id = ${claim.id}::uuid`);
}

function keptDetails({ tenantId }: Plan, wanted: EventContent, event: Written["event"]): EventDetails {
  const at = event && intervalOf(event, "UTC");
  const { startsAt, endsAt } = wanted;
  return {
    calendarId: wanted.calendarId,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    ...(at && !isAt(at, wanted)
      ? { movedTo: { startsAt: at.startsAt.toISOString(), endsAt: at.endsAt.toISOString() } }
      : {}),
    ...(wanted.attendee ? { invited: invitedIndex(tenantId, wanted.attendee) } : {}),
  };
}
