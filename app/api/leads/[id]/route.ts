import { LeadDetail } from "@/lib/contracts/leads";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "leads:read", ids: ["id"] }, async (ctx, { ids }) =>
  respond(200, LeadDetail, await getLeadDetail(ctx, ids.id)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
