import type { BookConsultation, ConsultationDto } from "@/lib/contracts/consultations";
import { countyTimeZone, NO_COUNTY } from "@/lib/core/county";
import { AppError } from "@/lib/core/errors";
import { isId, newId } from "@/lib/core/ids";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvent } from "../events/record-events";
import { holdLeads } from "../leads/move-lead";
import { followBooking, followElsewhere } from "./follow-lead";
import { getConsultationDto } from "./read-consultations";

const YEAR_MS = 366 * 86_400_000;
const MINUTE_MS = 60_000;

/**
 * The hour of a consultation that the firm agrees on by itself: within a year of now, either way.
 * @throws AppError `unprocessable` naming `startsAt`.
 */
export function hourOf({ clock }: Ctx, startsAt: string, minutes: number): { startsAt: Date; endsAt: Date } {
  const at = new Date(startsAt);
  if (!(Math.abs(at.getTime() - clock.now().getTime()) <= YEAR_MS)) {
    throw new AppError("unprocessable", "That is more than a year from now. Check the date.", {
      invalidParams: [{ name: "startsAt", reason: "must be within a year of now" }],
    });
  }
  return { startsAt: at, endsAt: new Date(at.getTime() + minutes * MINUTE_MS) };
}

/** The clock of a lead whose county is known, else the firm's. */
async function zoneOf(tx: Tx, { tenantId }: Ctx, leadId: string): Promise<string> {
  const lead = await tx.lead.findUniqueOrThrow({
    where: { tenantId_id: { tenantId, id: leadId } },
    select: { county: true, tenant: { select: { timeZone: true } } },
  });
  return lead.county === NO_COUNTY
    ? lead.tenant.timeZone
    : countyTimeZone(lead.county as Parameters<typeof countyTimeZone>[0]);
}

/**
 * Books a consultation that the firm agreed on by itself, and moves the lead to Consultation. Needs `leads:write`.
 * @throws AppError `not_found` for the lead (also another firm's, or one outside the member's scope), `unprocessable` naming `startsAt`.
 */
export async function bookConsultation(ctx: Ctx, input: BookConsultation): Promise<ConsultationDto> {
  requirePermission(ctx, "leads:write");
  const { tenantId } = ctx;
  const hour = hourOf(ctx, input.startsAt, input.minutes);
  return inTenant(ctx, async (tx) => {
    const leadId = input.leadId;
    const held = isId(leadId) && (await holdLeads(tx, ctx, [leadId])).has(leadId);
    if (!held) throw new AppError("not_found", "No such lead.");
    const id = newId();
    const now = ctx.clock.now();
    await tx.consultation.create({
      data: {
        tenantId,
        id,
        leadId,
        origin: "firm",
        sourceId: id,
        state: "scheduled",
        ...hour,
        timeZone: await zoneOf(tx, ctx, leadId),
        kind: input.kind,
        location: input.location ?? null,
        bookedAt: now,
        contentHash: "firm",
        createdAt: now,
        updatedAt: now,
      },
      select: { id: true },
    });
    const data = { consultationId: id, origin: "firm" as const, startsAt: hour.startsAt.toISOString() };
    await recordEvent(tx, ctx, { type: "consultation.booked", leadId, data });
    await followBooking(tx, ctx, { leadId, consultationId: id, bookedAt: now, was: null, is: "live" });
    await followElsewhere(tx, ctx, id);
    return getConsultationDto(tx, ctx, id);
  });
}
