import { ConsultationDetail } from "@/lib/contracts/consultations";
import { writeAgain } from "@/lib/domain/sync/write-again";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "leads:write", ids: ["id"] }, async (ctx, { ids }) =>
  respond(200, ConsultationDetail, await writeAgain(ctx, ids.id)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
