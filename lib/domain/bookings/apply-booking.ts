import type { BookingFacts } from "@/lib/core/consultation";
import { livenessOf } from "@/lib/core/consultation-status";
import { newId } from "@/lib/core/ids";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvents } from "../events/record-events";
import { lockSource } from "../leads/known-leads";
import { openLead } from "../leads/open-lead";
import { findSuppressed } from "../leads/suppression";
import { findConnection } from "../tenants/connections/connections";
import {
  attendanceAfter,
  CONSULTATION_COLUMNS,
  type ConsultationRow,
  openJoinUrl,
  openNotes,
  sealIn,
} from "./consultation-row";
import { diffBooking, firstSight } from "./diff-booking";
import { followBooking, followElsewhere } from "./follow-lead";
import { keepContacts } from "./keep-contacts";
import { matchLead } from "./match-lead";
import type { SeenBooking } from "./seen-booking";
import { contentHashOf, isSamePerson, tidyBooking } from "./tidy-booking";

/** What made us look. */
export type Because = "person" | "webhook" | "schedule" | "change";

/** What a look came to. `consultationId` is null for a booking that was destroyed and must not come back, and for one of the past that is nobody's here. */
export type Applied = { consultationId: string | null; isChanged: boolean };

/** Takes a ticket for a look at a booking. Take it before the booking is fetched: what was asked for later is newer, whichever answer comes first. */
export async function beginLook(ctx: Ctx, origin: SeenBooking["origin"], sourceId: string): Promise<number> {
  const [row] = await inTenant(ctx, (tx) =>
    tx.$queryRaw<{ begun: number }[]>(Prisma.sql`
      INSERT INTO booking_look (tenant_id, origin, source_id, begun) VALUES (${ctx.tenantId}::uuid, ${origin}, ${sourceId}, 1)
      ON CONFLICT (tenant_id, origin, source_id) DO UPDATE SET begun = booking_look.begun + 1 RETURNING begun`),
  );
  return row?.begun ?? 1;
}

/** Forgets a look that found no booking, unless one stands here or another look has begun: whoever can name numbers must not have a row kept for each. */
export async function endLook(
  tx: Tx,
  { tenantId }: Ctx,
  { origin, sourceId }: Pick<SeenBooking, "origin" | "sourceId">,
  look: number,
): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM booking_look l WHERE l.tenant_id = ${tenantId}::uuid AND l.origin = ${origin} AND l.source_id = ${sourceId} AND l.begun = ${look}
      AND NOT EXISTS (SELECT FROM consultation c WHERE c.tenant_id = l.tenant_id AND c.origin = l.origin AND c.source_id = l.source_id)`);
}

/**
 * Stores what a look at a booking found, in one transaction with its events, the lead's status and the job that brings the other services up to date. A look
 * that began before the stored one says nothing, and one that found nothing new writes nothing. `within` runs in the same transaction either way: it records
 * the fetch. Somebody whom no lead stands for becomes one.
 *
 * A booking that was over before the firm made the connection is history: it is recorded for a lead that is there, opens none, and moves none.
 */
export async function applyBooking(
  ctx: Ctx,
  seen: SeenBooking,
  look: number,
  because: Because,
  within?: (tx: Tx) => Promise<void>,
): Promise<Applied> {
  const tidy = tidyBooking(seen);
  return inTenant(ctx, async (tx) => {
    const isNewest = await takeLook(tx, ctx, tidy, look);
    const known = await holdKnown(tx, ctx, tidy);
    const applied = isNewest ? await store(tx, ctx, { seen: tidy, known, because }) : dropped(known);
    await within?.(tx);
    return applied;
  });
}

const dropped = (known: ConsultationRow | null): Applied => ({ consultationId: known?.id ?? null, isChanged: false });

/** False for a look that began before the one that is stored. Whoever looks at the same booking waits here. */
async function takeLook(tx: Tx, { tenantId }: Ctx, { origin, sourceId }: SeenBooking, look: number): Promise<boolean> {
  const taken = await tx.$executeRaw(Prisma.sql`
    INSERT INTO booking_look (tenant_id, origin, source_id, begun, stored) VALUES (${tenantId}::uuid, ${origin}, ${sourceId}, ${look}, ${look})
    ON CONFLICT (tenant_id, origin, source_id) DO UPDATE SET stored = ${look} WHERE booking_look.stored <= ${look}`);
  return taken > 0;
}

async function holdKnown(
  tx: Tx,
  { tenantId }: Ctx,
  { origin, sourceId }: SeenBooking,
): Promise<ConsultationRow | null> {
  const [row] = await tx.$queryRaw<ConsultationRow[]>(Prisma.sql`
    SELECT ${CONSULTATION_COLUMNS} FROM consultation c
    WHERE c.tenant_id = ${tenantId}::uuid AND c.origin = ${origin} AND c.source_id = ${sourceId} FOR NO KEY UPDATE`);
  return row ?? null;
}

type Sight = { seen: SeenBooking; known: ConsultationRow | null; because: Because };

async function store(tx: Tx, ctx: Ctx, { seen, known, because }: Sight): Promise<Applied> {
  const contentHash = contentHashOf(ctx.tenantId, seen);
  if (known?.contentHash === contentHash) return dropped(known);
  const consultationId = known?.id ?? newId();
  const connection = await findConnection(tx, ctx, seen.origin);
  const isHistory = (booking: { endsAt: Date }) => connection !== null && booking.endsAt < connection.connectedAt;
  const leadId = known?.leadId ?? (await findLead(tx, ctx, seen, { consultationId, mayOpen: !isHistory(seen) }));
  if (leadId === null) return dropped(null);
  // Contacts that were given once are the firm's: one that somebody took away since does not come back with a booking that moved.
  const isSame = known !== null && isSamePerson(known.contentHash, contentHash);
  // What the schedule finds is checked in its turn, what somebody just did at once.
  if (!isSame) await keepContacts(tx, ctx, leadId, contactsOf(seen), { hurry: because !== "schedule" });
  const of = { consultationId, leadId };
  if (known) await update(tx, ctx, known, seen, contentHash);
  else await insert(tx, ctx, of, seen, contentHash);
  const events = known ? diffBooking(factsOf(ctx, known), seen, of, isSame) : firstSight(seen, seen.origin, of);
  await recordEvents(tx, ctx, events);
  // One of the past that is put off to a day to come moves its lead as if it were seen for the first time.
  const was = known && !isHistory(known) ? livenessOf(known.state) : null;
  if (!isHistory(seen))
    await followBooking(tx, ctx, { ...of, was, is: livenessOf(seen.state), bookedAt: seen.bookedAt });
  await followElsewhere(tx, ctx, consultationId);
  return { consultationId, isChanged: true };
}

const contactsOf = ({ person }: SeenBooking) => [
  { kind: "email" as const, value: person.email },
  { kind: "phone" as const, value: person.phone },
];

/** Bookings of people whom no lead stands for yet take turns, so that two of one person do not open two leads. */
async function findLead(
  tx: Tx,
  ctx: Ctx,
  seen: SeenBooking,
  { consultationId, mayOpen }: { consultationId: string; mayOpen: boolean },
): Promise<string | null> {
  const { origin: source, sourceId, person } = seen;
  await lockSource(tx, ctx.tenantId, source);
  const suppressed = await findSuppressed(tx, ctx.tenantId, source, [sourceId]);
  if (suppressed.has(sourceId)) return null;
  const matched = await matchLead(tx, ctx, person);
  if (matched !== null || !mayOpen) return matched;
  const { firstName, lastName } = person;
  return openLead(tx, ctx, { source, sourceId, consultationId, firstName, lastName });
}

/** The columns that a look writes, under their names in the table's model. */
function columnsOf(ctx: Ctx, id: string, seen: SeenBooking, contentHash: string) {
  const { state, startsAt, endsAt, timeZone, kind, calendarName, location, priceCents, isPaid, bookedAt } = seen;
  const notesCipher = sealIn(ctx, "notes_cipher", id, seen.notes);
  const facts = { state, startsAt, endsAt, timeZone, kind, calendarName, location, priceCents, isPaid, bookedAt };
  return { ...facts, notesCipher, contentHash, updatedAt: ctx.clock.now() };
}

const linkOf = (ctx: Ctx, id: string, joinUrl: string | null) => ({
  joinUrlCipher: sealIn(ctx, "join_url_cipher", id, joinUrl),
  joinUrlFrom: joinUrl === null ? null : "acuity",
});

type Of = { consultationId: string; leadId: string };

async function insert(tx: Tx, ctx: Ctx, { consultationId: id, leadId }: Of, seen: SeenBooking, hash: string) {
  const { origin, sourceId } = seen;
  const place = { tenantId: ctx.tenantId, id, leadId, origin, sourceId, createdAt: ctx.clock.now() };
  const data = { ...place, ...columnsOf(ctx, id, seen, hash), ...linkOf(ctx, id, seen.joinUrl) };
  await tx.consultation.create({ data, select: { id: true } });
}

async function update(tx: Tx, ctx: Ctx, known: ConsultationRow, seen: SeenBooking, hash: string): Promise<void> {
  const { id } = known;
  // A meeting of the firm's own stays until the booking service has one.
  const isTheirs = seen.joinUrl !== null || known.joinUrlFrom === "acuity";
  await tx.consultation.update({
    where: { tenantId_id: { tenantId: ctx.tenantId, id } },
    data: {
      ...columnsOf(ctx, id, seen, hash),
      ...(isTheirs ? linkOf(ctx, id, seen.joinUrl) : {}),
      ...attendanceAfter(known, seen.startsAt),
      version: { increment: 1 },
    },
    select: { id: true },
  });
}

function factsOf(ctx: Ctx, row: ConsultationRow): BookingFacts {
  const joinUrl = row.joinUrlFrom === "acuity" ? openJoinUrl(ctx, row) : null;
  return { ...row, joinUrl, notes: openNotes(ctx, row) };
}
