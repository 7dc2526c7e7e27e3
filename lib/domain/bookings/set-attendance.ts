import type { ConsultationDto, SetAttendance } from "@/lib/contracts/consultations";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { holdConsultation } from "./consultation-row";
import { getConsultationDto } from "./read-consultations";
import { listStays } from "./record-intervals";
import { countAttendance, saveAttendance } from "./settle-attendance";

/**
 * A person's word on whether somebody came, which counts more than what was counted. `unknown` takes it back: then what the meeting says stands again, when
 * anybody was in it. The same again changes nothing. Needs `leads:write`. @throws AppError `not_found`
 */
export async function setAttendance(ctx: Ctx, id: string, { attendance }: SetAttendance): Promise<ConsultationDto> {
  requirePermission(ctx, "leads:write");
  return inTenant(ctx, async (tx) => {
    const row = await holdConsultation(tx, ctx, id);
    const isSaid = row.attendanceFrom === "person";
    if (attendance === row.attendance && (isSaid || attendance === "unknown")) return getConsultationDto(tx, ctx, id);
    if (attendance !== "unknown") {
      await saveAttendance(tx, ctx, row, { attendance, attendedSeconds: row.attendedSeconds, by: "person" });
    } else if (isSaid) {
      await saveAttendance(tx, ctx, row, { attendance, attendedSeconds: null, by: "person" });
      const stays = await listStays(tx, ctx, id);
      const counted = countAttendance(row, stays, ctx.clock.now());
      if (stays.length > 0 && counted.attendance !== "unknown") {
        await saveAttendance(tx, ctx, row, { ...counted, by: "zoom" });
      }
    }
    return getConsultationDto(tx, ctx, id);
  });
}
