import type { Clock } from "@/lib/core/clock";
import { type Handler, replyText } from "../http/exchange";
import type { FaultQueue } from "../http/faults";
import type { RateLimit } from "../http/rate";
import type { ZohoWorld } from "./world";

export type ZohoOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: ZohoWorld };

/** The stand-in of this service. */
export function zohoHandler(_options: ZohoOptions): Handler {
  return async ({ res }) => replyText(res, 404, "Not found\n");
}
