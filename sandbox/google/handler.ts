import type { Clock } from "@/lib/core/clock";
import { type Handler, replyText } from "../http/exchange";
import type { FaultQueue } from "../http/faults";
import type { RateLimit } from "../http/rate";
import type { GoogleWorld } from "./world";

export type GoogleOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: GoogleWorld };

/** The stand-in of this service. */
export function googleHandler(_options: GoogleOptions): Handler {
  return async ({ res }) => replyText(res, 404, "Not found\n");
}
