import { CalendarFeedMade, MakeCalendarFeed } from "@/lib/contracts/consultations";
import { endCalendarFeed, makeCalendarFeed } from "@/lib/domain/bookings/calendar-feed";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "account:own", body: MakeCalendarFeed, isRepeatable: false },
  async (ctx, { body, origin }) => shownOnce(respond(201, CalendarFeedMade, await makeCalendarFeed(ctx, body, origin))),
);

export const DELETE = withCaller({ permission: "account:own" }, async (ctx) => {
  await endCalendarFeed(ctx);
  return respondEmpty();
});

const refuse = otherMethods("POST", "DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
