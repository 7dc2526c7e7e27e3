import { AlertsDto, GiveAlertPhone } from "@/lib/contracts/alerts";
import { giveAlertPhone } from "@/lib/domain/outreach/alerts/give-phone";
import { removeAlertPhone } from "@/lib/domain/outreach/alerts/remove-phone";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

// Not repeatable: a text is not sent inside the transaction that would hold the reply.
export const POST = withCaller(
  { permission: "account:own", body: GiveAlertPhone, isRepeatable: false },
  async (ctx, { body }) => respond(200, AlertsDto, await giveAlertPhone(ctx, body)),
);

export const DELETE = withCaller({ permission: "account:own" }, async (ctx) => {
  await removeAlertPhone(ctx);
  return respondEmpty();
});

const refuse = otherMethods("POST", "DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
