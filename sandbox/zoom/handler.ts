import type { Clock } from "@/lib/core/clock";
import { type Handler, replyText } from "../http/exchange";
import type { FaultQueue } from "../http/faults";
import type { RateLimit } from "../http/rate";
import type { ZoomWorld } from "./world";

export type ZoomOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: ZoomWorld };

/** The stand-in of this service. */
export function zoomHandler(_options: ZoomOptions): Handler {
  return async ({ res }) => replyText(res, 404, "Not found\n");
}
