import { seeReminder } from "@/lib/domain/bookings/see-reminder";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller({ permission: "account:own", ids: ["id"] }, async (ctx, { ids }) => {
  await seeReminder(ctx, ids.id);
  return respondEmpty();
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
