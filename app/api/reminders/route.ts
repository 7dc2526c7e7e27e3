import { ReminderList } from "@/lib/contracts/consultations";
import { listReminders } from "@/lib/domain/bookings/list-reminders";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "account:own", isVisit: false }, async (ctx) =>
  respond(200, ReminderList, await listReminders(ctx)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
