import type { Clock } from "@/lib/core/clock";
import { type Exchange, type Handler, replyHtml, replyJson, replyText } from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import { answerApi } from "./api";
import { calendarPage } from "./calendar-page";
import { Refused, refusalBody } from "./event";
import type { GoogleWorld } from "./world";

export type GoogleOptions = { clock: Clock; faults: FaultQueue; rate: RateLimit; world: GoogleWorld };

const API = "/calendar/v3/";

/** The Google stand-in: the screens and tokens of OAuth, the Calendar API, and a page that shows the calendars. */
export function googleHandler({ clock, faults, rate, world }: GoogleOptions): Handler {
  world.tellTime(clock);
  return async (exchange) => {
    const { req, res, path } = exchange;
    const fault = faults.take(path);
    if (fault && (await playFault(exchange, fault, refusal, clock.now()))) return;
    // Each at the path where the real one has it.
    if (path === "/o/oauth2/v2/auth") return world.oauth.authorize(exchange);
    if (path === "/token") return world.oauth.token(exchange);
    if (path === "/revoke") return world.oauth.revoke(exchange);
    if (path === "/calendar" && req.method === "GET") return replyHtml(res, 200, calendarPage(world));
    if (!path.startsWith(API)) return replyText(res, 404, "Not found\n");
    const grant = world.oauth.grantOf(req.headers.authorization);
    if (!grant) return refuse(exchange, 401, "authError", "Invalid Credentials");
    if (!rate.pass()) return refuse(exchange, 403, "rateLimitExceeded", "Rate Limit Exceeded");
    try {
      await answerApi(world, grant.accountId, exchange);
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      refuse(exchange, problem.status, problem.reason, problem.message);
    }
  };
}

const REASONS: Record<number, string> = {
  403: "forbidden",
  429: "rateLimitExceeded",
  500: "backendError",
  503: "backendError",
};

const refusal: Refusals = (status) => ({
  type: "application/json; charset=utf-8",
  body: JSON.stringify(refusalBody(status, REASONS[status] ?? "unknown", "Error")),
});

const refuse = ({ res }: Exchange, status: number, reason: string, message: string): void =>
  replyJson(res, status, refusalBody(status, reason, message));
