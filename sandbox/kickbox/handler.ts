import type { Clock } from "@/lib/core/clock";
import { type Exchange, type Handler, replyJson } from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import { DEFAULT_KICKBOX_VERDICT, KICKBOX_OUTCOMES, type KickboxOutcome, type KickboxVerdict } from "./outcomes";

/** Credits at the start. Sandbox keys cost none at the vendor; here they run down, so that an alarm on the balance can be tried. */
export const FIRST_BALANCE = 5000;

type KickboxOptions = { faults: FaultQueue; rate: RateLimit; clock: Clock; balance: { left: number } };

/** The Kickbox stand-in: `GET /v2/verify` and `GET /v2/balance`. */
export function kickboxHandler({ faults, rate, clock, balance }: KickboxOptions): Handler {
  return async (exchange) => {
    const { req, res, path, url } = exchange;
    const began = performance.now();
    const headers = () => ({
      "X-Kickbox-Balance": String(balance.left),
      "X-Kickbox-Response-Time": String(Math.round(performance.now() - began)),
    });
    const fault = faults.take(path);
    if (fault && (await playFault(exchange, fault, refusal, clock.now()))) return;
    if (!hasKey(exchange)) return refuse(exchange, 403, "Invalid API key");
    if (!rate.pass()) return refuse(exchange, 429, "Too many requests", { "Retry-After": "1" });
    if (req.method === "GET" && path === "/v2/balance") {
      return replyJson(res, 200, { balance: balance.left, success: true, message: null }, headers());
    }
    if (req.method !== "GET" || path !== "/v2/verify") return refuse(exchange, 404, "Not found");
    const email = url.searchParams.get("email")?.trim().toLowerCase() ?? "";
    if (email === "") return refuse(exchange, 400, "Email address is required");
    const outcome = outcomeOf(email);
    if ("status" in outcome) return refuse(exchange, outcome.status, outcome.message, headers());
    if ("fault" in outcome && (await playFault(exchange, outcome.fault, refusal, clock.now()))) return;
    if (balance.left <= 0) return refuse(exchange, 403, "Insufficient balance", headers());
    balance.left -= 1;
    replyJson(res, 200, answer(email, "fault" in outcome ? DEFAULT_KICKBOX_VERDICT : outcome), headers());
  };
}

/** The key may come as the query's `apikey`, as a Bearer or as a token; its shape is nobody's business. */
function hasKey({ req, url }: Exchange): boolean {
  return Boolean(url.searchParams.get("apikey")) || /^(Bearer|token) \S+$/i.test(req.headers.authorization ?? "");
}

function outcomeOf(email: string): KickboxOutcome {
  const at = email.lastIndexOf("@");
  const user = email.slice(0, Math.max(at, 0));
  if (at < 1 || !/^[^\s@]+\.[^\s@]+$/.test(email.slice(at + 1)))
    return { result: "undeliverable", reason: "invalid_email", sendex: 0 };
  const tag = user.includes("+") ? user.slice(user.lastIndexOf("+") + 1) : user;
  return Object.hasOwn(KICKBOX_OUTCOMES, tag)
    ? (KICKBOX_OUTCOMES[tag] ?? DEFAULT_KICKBOX_VERDICT)
    : DEFAULT_KICKBOX_VERDICT;
}

function answer(email: string, verdict: KickboxVerdict): Record<string, unknown> {
  const at = email.lastIndexOf("@");
  return {
    result: verdict.result,
    reason: verdict.reason,
    role: verdict.flags?.role ?? false,
    free: verdict.flags?.free ?? false,
    disposable: verdict.flags?.disposable ?? false,
    accept_all: verdict.flags?.accept_all ?? false,
    // The vendor's sandbox leaves the field out unless there is a suggestion.
    ...(verdict.didYouMean ? { did_you_mean: verdict.didYouMean } : {}),
    sendex: verdict.sendex,
    email,
    user: email.slice(0, Math.max(at, 0)),
    domain: email.slice(at + 1),
    success: true,
    message:
      "You are using Kickbox's sandbox API, which is used to test your integration and does not return real results.",
  };
}

const MESSAGES: Record<number, string> = {
  403: "Forbidden",
  429: "Too many requests",
  500: "Internal server error",
  503: "Service unavailable",
};

const refusal: Refusals = (status) => ({
  type: "application/json; charset=utf-8",
  body: JSON.stringify({ success: false, message: MESSAGES[status] ?? "Error" }),
});

const refuse = ({ res }: Exchange, status: number, message: string, headers: Record<string, string> = {}): void =>
  replyJson(res, status, { success: false, message }, headers);
