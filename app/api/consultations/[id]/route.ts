import { ConsultationDetail } from "@/lib/contracts/consultations";
import { getConsultation } from "@/lib/domain/bookings/get-consultation";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "leads:read", ids: ["id"] }, async (ctx, { ids }) =>
  respond(200, ConsultationDetail, await getConsultation(ctx, ids.id)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
