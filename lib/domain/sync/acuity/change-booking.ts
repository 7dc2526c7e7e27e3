import type { CancelConsultation, MoveConsultation } from "@/lib/contracts/consultations";
import { AppError, VendorError } from "@/lib/core/errors";
import { cancelAppointment, rescheduleAppointment } from "@/lib/integrations/acuity";
import { failureFields, log } from "@/lib/platform/log";
import type { ConsultationRow } from "../../bookings/consultation-row";
import type { Ctx } from "../../context/ctx";
import { enqueue } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import type { Access } from "../../tenants/connections/access";
import { withAccess } from "../../tenants/connections/with-access";
import { lookAtBooking } from "./look-at-booking";
import { recordWrite } from "./record-exchange";

type Booking = Pick<ConsultationRow, "sourceId" | "startsAt" | "endsAt">;

/**
 * Moves a consultation where it was booked, and stores what Acuity says then. No transaction may be open.
 * @throws AppError `conflict` or `unprocessable` when Acuity refuses, `vendor_unavailable` when nobody knows whether it was done, `not_configured`
 */
export async function moveAtAcuity(ctx: Ctx, booking: Booking, input: MoveConsultation): Promise<void> {
  const minutes = (booking.endsAt.getTime() - booking.startsAt.getTime()) / 60_000;
  if (input.minutes !== undefined && input.minutes !== minutes) {
    throw new AppError("unprocessable", "How long it takes is set by the appointment type in Acuity.", {
      invalidParams: [{ name: "minutes", reason: "cannot be changed for a consultation that was booked in Acuity" }],
    });
  }
  const startsAt = new Date(input.startsAt);
  await change(ctx, booking, (access) => rescheduleAppointment(access, booking.sourceId, startsAt));
}

/** Cancels a consultation where it was booked: see `moveAtAcuity`. */
export const cancelAtAcuity = (ctx: Ctx, booking: Booking, { note, isNoShow }: CancelConsultation): Promise<void> =>
  change(ctx, booking, (access) => cancelAppointment(access, booking.sourceId, { note, isNoShow }));

async function change(ctx: Ctx, { sourceId }: Booking, write: (access: Access) => Promise<void>): Promise<void> {
  const connectionId = await withAccess(ctx, "acuity", async (access) => {
    await write(access);
    return access.connectionId;
  }).catch((error: unknown) => refused(ctx, sourceId, error));
  const hint = { connectionId, sourceId };
  await inTenant(ctx, (tx) =>
    recordWrite(tx, ctx, { connectionId, resource: "appointments", action: "updated", externalId: sourceId }),
  );
  try {
    await lookAtBooking(ctx, hint, "change");
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    // It is done there; what it looks like now is fetched by a job, or told by Acuity's own webhook.
    log.warn("a changed appointment could not be looked at", { tenantId: ctx.tenantId, ...failureFields(error) });
    await lookLater(ctx, hint);
  }
}

const lookLater = (ctx: Ctx, { connectionId, sourceId }: { connectionId: string; sourceId: string }): Promise<void> =>
  inTenant(ctx, (tx) => enqueue(tx, "booking.look", [{ tenantId: ctx.tenantId, connectionId, sourceId }]));

/** What Acuity calls a refusal, in words for a person. What is not here is worded by its family. */
const REFUSALS: Record<string, { code: "conflict" | "unprocessable"; words: string }> = {
  not_available: { code: "conflict", words: "That time is taken in Acuity. Choose another one." },
  not_available_min_hours_in_advance: {
    code: "unprocessable",
    words: "Acuity wants more notice. Choose a later time.",
  },
  not_available_max_days_in_advance: {
    code: "unprocessable",
    words: "Acuity does not book so far ahead. Choose an earlier time.",
  },
  reschedule_too_close: {
    code: "conflict",
    words: "It is too close to its start to be moved. Move it in Acuity itself.",
  },
  reschedule_not_allowed: { code: "conflict", words: "Acuity does not let this appointment be moved." },
};

const FAMILIES: readonly [prefix: string, words: string][] = [
  ["not_available", "Acuity does not offer that time. Choose another one."],
  ["reschedule_", "Acuity does not let this appointment be moved."],
  ["cancel_", "Acuity does not let this appointment be canceled."],
  ["required_", "Acuity wants more than we can send. Change it in Acuity itself."],
  ["invalid_", "Acuity does not accept this. Choose another time, or change it in Acuity itself."],
];

async function refused(ctx: Ctx, sourceId: string, error: unknown): Promise<never> {
  if (!(error instanceof VendorError)) throw error;
  const { code = "", kind, status } = error;
  if (kind !== "rejected") {
    if (kind !== "throttled") await lookSoon(ctx, sourceId);
    const words =
      kind === "throttled"
        ? "Acuity is being asked too much right now. Try again in a moment."
        : "Acuity did not answer, so nobody knows whether it was done. What stands there is looked up and shown here.";
    throw new AppError("vendor_unavailable", words, { cause: error, retryAfterSeconds: secondsOf(error) });
  }
  if (status === 404) {
    await lookSoon(ctx, sourceId);
    throw new AppError("conflict", "This appointment is not in Acuity any more.", { cause: error });
  }
  const known = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  if (known) throw new AppError(known.code, known.words, { cause: error });
  const family = FAMILIES.find(([prefix]) => code.startsWith(prefix));
  const words = family?.[1] ?? "Acuity refused this. Try it in Acuity itself.";
  throw new AppError("unprocessable", words, { cause: error });
}

const secondsOf = ({ retryAfterMs }: VendorError): number =>
  retryAfterMs === undefined ? 5 : Math.max(1, Math.ceil(retryAfterMs / 1000));

/** We may hold something else than what is there. */
async function lookSoon(ctx: Ctx, sourceId: string): Promise<void> {
  const connection = await inTenant(ctx, (tx) =>
    tx.connection.findUnique({
      where: { tenantId_provider: { tenantId: ctx.tenantId, provider: "acuity" } },
      select: { id: true },
    }),
  );
  if (connection) await lookLater(ctx, { connectionId: connection.id, sourceId });
}
