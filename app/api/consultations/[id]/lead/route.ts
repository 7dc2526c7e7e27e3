import { ConsultationDto, RelinkConsultation } from "@/lib/contracts/consultations";
import { relinkConsultation } from "@/lib/domain/bookings/relink-consultation";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "leads:write", ids: ["id"], body: RelinkConsultation },
  async (ctx, { body, ids }) => respond(200, ConsultationDto, await relinkConsultation(ctx, ids.id, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
