import { ChangeLeadStatus, LeadDto } from "@/lib/contracts/leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "leads:write", body: ChangeLeadStatus }, async (ctx, { body }) =>
  respond(200, LeadDto, await changeLeadStatus(ctx, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
