import { AlertsDto, ChangeAlerts } from "@/lib/contracts/alerts";
import { changeAlerts } from "@/lib/domain/outreach/alerts/change-alerts";
import { getAlerts } from "@/lib/domain/outreach/alerts/get-alerts";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "account:own" }, async (ctx) =>
  respond(200, AlertsDto, await getAlerts(ctx)),
);

export const PATCH = withCaller({ permission: "account:own", body: ChangeAlerts }, async (ctx, { body }) =>
  respond(200, AlertsDto, await changeAlerts(ctx, body)),
);

const refuse = otherMethods("GET", "PATCH");

export { refuse as DELETE, refuse as OPTIONS, refuse as POST, refuse as PUT };
