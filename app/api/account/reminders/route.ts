import { ChangeReminders } from "@/lib/contracts/consultations";
import { changeReminders } from "@/lib/domain/bookings/change-reminders";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const PATCH = withCaller({ permission: "account:own", body: ChangeReminders }, async (ctx, { body }) =>
  respond(200, ChangeReminders, await changeReminders(ctx, body)),
);

const refuse = otherMethods("PATCH");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as POST, refuse as PUT };
