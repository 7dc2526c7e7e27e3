import { AlertsDto, ConfirmAlertPhone } from "@/lib/contracts/alerts";
import { confirmAlertPhone } from "@/lib/domain/outreach/alerts/confirm-phone";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

// Not repeatable: a wrong try counts, whatever becomes of the rest.
export const POST = withCaller(
  { permission: "account:own", body: ConfirmAlertPhone, isRepeatable: false },
  async (ctx, { body }) => respond(200, AlertsDto, await confirmAlertPhone(ctx, body)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
