import { ZoomEvent } from "@/lib/integrations/zoom-webhook";
import type { Ctx } from "../../context/ctx";
import type { Delivery } from "../sync-provider";
import { applyMeetingEvent } from "./apply-meeting-event";
import { eraseDeauthorized } from "./erase-deauthorized";

const eventOf = (body: string): ZoomEvent | null => ZoomEvent.safeParse(JSON.parse(body)).data ?? null;

/** True when somebody took our app away. */
export const isDeauthorization = ({ body }: Delivery): boolean =>
  body !== null && eventOf(body)?.event === "app_deauthorized";

/** Does what a stored delivery asks for. Its signature was proven when it came. */
export async function handleZoomDelivery(ctx: Ctx, { connectionId, body, receivedAt }: Delivery): Promise<void> {
  if (body === null) return;
  const event = eventOf(body);
  // Taken before what it says was looked at so closely; no later try would read it.
  if (!event) return;
  if (event.event === "app_deauthorized") {
    const { event_ts: at } = event;
    await eraseDeauthorized(ctx, connectionId, at === undefined ? receivedAt : new Date(at));
  } else await applyMeetingEvent(ctx, connectionId, event);
}
