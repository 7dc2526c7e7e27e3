import { LeadDetail } from "@/lib/contracts/leads";
import { getLeadDetail } from "@/lib/domain/leads/get-lead";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "leads:read", ids: ["id"] }, async (ctx, { ids }) =>
  respond(200, LeadDetail, await getLeadDetail(ctx, ids.id)),
);
