import type { Clock } from "@/lib/core/clock";
import { type Handler, replyJson, replyText } from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import { answerApi, refusalBody } from "./api";
import { answerSchedule } from "./booking-page";
import type { AcuityWorld } from "./world";

export type AcuityOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: AcuityWorld };

const MAX_AT_ONCE = 20;

/** The Acuity stand-in: signing in, the API, and the page where people book. Limits count by address, and all of ours is one. */
export function acuityHandler({ clock, faults, rate, world }: AcuityOptions): Handler {
  world.keepTimeBy(clock);
  let underWay = 0;
  return async (exchange) => {
    const { res, path } = exchange;
    if (path === "/oauth2/authorize") return world.oauth.authorize(exchange);
    if (path.startsWith("/schedule/")) return answerSchedule(exchange, world);
    const isToken = path === "/oauth2/token";
    if (!isToken && !path.startsWith("/api/v1/")) return replyText(res, 404, "Not found\n");
    const fault = faults.take(path);
    if (fault && (await playFault(exchange, fault, refusals, clock.now()))) return;
    if (isToken) return world.oauth.token(exchange);
    const passes = rate.perSecond === null ? world.rate.pass() : rate.pass();
    if (!passes || underWay >= MAX_AT_ONCE)
      return replyJson(res, 429, refusalBody(429, "too_many_requests", "Too Many Requests"));
    underWay += 1;
    try {
      await answerApi(exchange, world, path.slice("/api/v1".length));
    } finally {
      underWay -= 1;
    }
  };
}

const NAMES: Record<number, string> = { 403: "forbidden", 429: "too_many_requests", 500: "error", 503: "unavailable" };

const refusals: Refusals = (status) => ({
  type: "application/json; charset=utf-8",
  body: JSON.stringify(refusalBody(status, NAMES[status] ?? "error", "The request was refused.")),
});
