import { ChangeFirmState, FirmDto } from "@/lib/contracts/firms";
import { reactivateFirm, suspendFirm } from "@/lib/domain/tenants/change-firm-state";
import { getFirmInAnyState } from "@/lib/domain/tenants/list-firms";
import { forgetFirm } from "@/lib/http/firm-gate";
import { withOperator } from "@/lib/http/operator-route";
import { respond } from "@/lib/http/respond";

export const POST = withOperator({ body: ChangeFirmState }, async (operator, body) => {
  const { id } = await getFirmInAnyState(operator, body.slug);
  if (body.to === "suspended") await suspendFirm(operator, id, body.reason);
  else await reactivateFirm(operator, id);
  forgetFirm(id);
  return respond(200, FirmDto, await getFirmInAnyState(operator, body.slug));
});
