import type { Clock } from "@/lib/core/clock";
import { type Handler, replyText } from "../http/exchange";
import type { FaultQueue } from "../http/faults";
import type { RateLimit } from "../http/rate";
import type { AcuityWorld } from "./world";

export type AcuityOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: AcuityWorld };

/** The stand-in of this service. */
export function acuityHandler(_options: AcuityOptions): Handler {
  return async ({ res }) => replyText(res, 404, "Not found\n");
}
