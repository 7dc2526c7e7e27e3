import { ChangeLeadStatus, LeadDto } from "@/lib/contracts/leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "leads:write", body: ChangeLeadStatus }, async (ctx, { body }) =>
  respond(200, LeadDto, await changeLeadStatus(ctx, body)),
);
