import { ConsultationDto, SetAttendance } from "@/lib/contracts/consultations";
import { setAttendance } from "@/lib/domain/bookings/set-attendance";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "leads:write", ids: ["id"], body: SetAttendance },
  async (ctx, { body, ids }) => respond(200, ConsultationDto, await setAttendance(ctx, ids.id, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
