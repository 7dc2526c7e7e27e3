import type { ConsultationDto } from "@/lib/contracts/consultations";
import { lastLeaving, type Stay, secondsThere } from "@/lib/core/attendance";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { recordEvent } from "../events/record-events";
import { type ConsultationRow, holdConsultation } from "./consultation-row";
import { followElsewhere } from "./follow-lead";
import { listStays } from "./record-intervals";

/** Whoever is gone sooner looked in by mistake. */
const THERE_SECONDS = 60;
/** What was earlier belongs to another hour of the same booking. */
const EARLY_MS = 12 * 3_600_000;
/** A stay whose end nobody told is taken for ended then. */
const LATE_MS = 12 * 3_600_000;

type Counted = Pick<ConsultationDto, "attendance" | "attendedSeconds">;

/** Until when stays without an end are counted: now while the meeting may go on, and once it is over the last time that anybody left. */
export function countedUntil({ endsAt }: Pick<ConsultationRow, "endsAt">, stays: readonly Stay[], now: Date): Date {
  const isOver = isMeetingOver({ endsAt }, stays, now);
  return isOver ? (lastLeaving(stays) ?? endsAt) : now;
}

function isMeetingOver({ endsAt }: Pick<ConsultationRow, "endsAt">, stays: readonly Stay[], now: Date): boolean {
  const goesOn = stays.some(({ leftAt }) => leftAt === null);
  return now.getTime() >= endsAt.getTime() + (goesOn ? LATE_MS : 0);
}

/** The stays that belong to the hour that the consultation has now. */
const staysOfHour = <T extends Stay>({ startsAt }: Pick<ConsultationRow, "startsAt">, stays: readonly T[]): T[] =>
  stays.filter(({ joinedAt }) => joinedAt.getTime() >= startsAt.getTime() - EARLY_MS);

/** What the stays come to: somebody besides the host was there for a minute, or the meeting is over and nobody was. */
export function countAttendance(
  row: Pick<ConsultationRow, "startsAt" | "endsAt" | "state">,
  all: readonly (Stay & { isHost: boolean })[],
  now: Date,
): Counted {
  const stays = staysOfHour(row, all);
  const guests = stays.filter(({ isHost }) => !isHost);
  const seconds = secondsThere(guests, countedUntil(row, stays, now));
  if (seconds >= THERE_SECONDS) return { attendance: "attended", attendedSeconds: seconds };
  const isAbsent = row.state === "scheduled" && isMeetingOver(row, stays, now);
  return { attendance: isAbsent ? "absent" : "unknown", attendedSeconds: isAbsent ? seconds : null };
}

/**
 * Says whether the person came, from what recordIntervals kept: call it when a meeting has gone on or ended. A person's word stays. The same again changes
 * nothing. @throws AppError `not_found`
 */
export const settleAttendance = (ctx: Ctx, consultationId: string): Promise<void> =>
  inTenant(ctx, async (tx) => settle(tx, ctx, await holdConsultation(tx, ctx, consultationId)));

async function settle(tx: Tx, ctx: Ctx, row: ConsultationRow): Promise<void> {
  if (row.attendanceFrom === "person") return;
  const counted = countAttendance(row, await listStays(tx, ctx, row.id), ctx.clock.now());
  if (counted.attendance === "unknown") return;
  if (counted.attendance === row.attendance && counted.attendedSeconds === row.attendedSeconds) return;
  await saveAttendance(tx, ctx, row, { ...counted, by: "zoom" });
}

/** What is said of a consultation's attendance, and by whom. */
export type Said = Counted & { by: "zoom" | "person" };

/** Writes it, with its event. The consultation is held by the caller. */
export async function saveAttendance(tx: Tx, ctx: Ctx, { id, leadId }: ConsultationRow, said: Said): Promise<void> {
  const { attendance, attendedSeconds, by } = said;
  await tx.consultation.update({
    where: { tenantId_id: { tenantId: ctx.tenantId, id } },
    data: {
      attendance,
      attendedSeconds,
      attendanceFrom: attendance === "unknown" ? null : by,
      version: { increment: 1 },
      updatedAt: ctx.clock.now(),
    },
    select: { id: true },
  });
  const data = { consultationId: id, attendance, by, seconds: attendedSeconds };
  await recordEvent(tx, ctx, { type: "consultation.attendance_set", leadId, data });
  await followElsewhere(tx, ctx, id);
}
