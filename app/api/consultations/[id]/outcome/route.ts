import { ConsultationDto, SetOutcome } from "@/lib/contracts/consultations";
import { setOutcome } from "@/lib/domain/bookings/set-outcome";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "leads:write", ids: ["id"], body: SetOutcome },
  async (ctx, { body, ids }) => respond(200, ConsultationDto, await setOutcome(ctx, ids.id, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
