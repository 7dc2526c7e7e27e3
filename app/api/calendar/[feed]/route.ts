import { readCalendarFeed } from "@/lib/domain/bookings/read-calendar-feed";
import { otherMethods } from "@/lib/http/other-methods";
import { withFeed } from "@/lib/http/with-feed";

export const GET = withFeed((ctx, secret) => readCalendarFeed(ctx, secret));

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
