import { CalendarList } from "@/lib/contracts/connections";
import { listCalendarChoices } from "@/lib/domain/tenants/connections/list-calendars";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "connections:manage" }, async (ctx) =>
  respond(200, CalendarList, await listCalendarChoices(ctx)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
