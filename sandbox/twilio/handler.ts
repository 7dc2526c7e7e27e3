import type { Clock } from "@/lib/core/clock";
import { type Exchange, type Handler, replyJson } from "../http/exchange";
import { type FaultQueue, playFault, type Refusals } from "../http/faults";
import type { RateLimit } from "../http/rate";
import { type ReadNumber, readNumber } from "./number";
import { DEFAULT_TWILIO_OUTCOME, TWILIO_OUTCOMES, type TwilioOutcome } from "./outcomes";

type TwilioOptions = { faults: FaultQueue; rate: RateLimit; clock: Clock };

/** The Twilio Lookup v2 stand-in: one number, `GET /v2/PhoneNumbers/{number}`. */
export function twilioHandler({ faults, rate, clock }: TwilioOptions): Handler {
  return async (exchange) => {
    const { req, res, path, url } = exchange;
    const fault = faults.take(path);
    if (fault && (await playFault(exchange, fault, refusal, clock.now()))) return;
    if (!hasCredentials(req.headers.authorization)) return refuse(exchange, 401);
    if (!rate.pass()) return refuse(exchange, 429, { "Retry-After": "1" });
    const asked = /^\/v2\/PhoneNumbers\/([^/]+)$/.exec(path)?.[1];
    if (req.method !== "GET" || asked === undefined) return refuse(exchange, 404);
    const number = readNumber(decodeURIComponent(asked));
    if (!number) return refuse(exchange, 404);
    const outcome = TWILIO_OUTCOMES[number.e164.slice(-4)] ?? DEFAULT_TWILIO_OUTCOME;
    if ("fault" in outcome && (await playFault(exchange, outcome.fault, refusal, clock.now()))) return;
    if ("status" in outcome) return refuse(exchange, outcome.status);
    const fields = new Set((url.searchParams.get("Fields") ?? "").split(",").map((field) => field.trim()));
    replyJson(res, 200, lookup(number, outcome, fields, publicUrl(exchange)));
  };
}

/** Any key and secret will do, as long as both are there. */
function hasCredentials(header: string | undefined): boolean {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  return encoded !== undefined && /^[^:]+:.+$/.test(Buffer.from(encoded, "base64").toString("utf8"));
}

/** The answer of the specification: packages that were not asked for are null, not absent. */
function lookup(number: ReadNumber, outcome: TwilioOutcome, fields: Set<string>, url: string): Record<string, unknown> {
  const problem = "invalid" in outcome ? outcome.invalid : LENGTH_PROBLEM[number.length];
  return {
    calling_country_code: problem ? null : number.callingCode,
    country_code: problem ? null : number.country,
    phone_number: number.e164,
    national_format: problem ? null : number.national,
    valid: problem === null,
    validation_errors: problem ? [problem] : null,
    caller_name: null,
    sim_swap: null,
    call_forwarding: null,
    line_status: null,
    line_type_intelligence: fields.has("line_type_intelligence") && !problem ? lineType(outcome) : null,
    identity_match: null,
    reassigned_number: null,
    sms_pumping_risk: null,
    phone_number_quality_score: null,
    pre_fill: null,
    url,
  };
}

const LENGTH_PROBLEM = { fits: null, short: "TOO_SHORT", long: "TOO_LONG" } as const;

function lineType(outcome: TwilioOutcome): Record<string, unknown> {
  const known = "line" in outcome ? outcome : null;
  return {
    mobile_country_code: known?.mobileCodes?.[0] ?? null,
    mobile_network_code: known?.mobileCodes?.[1] ?? null,
    carrier_name: known?.carrier ?? null,
    type: "fault" in outcome ? "mobile" : (known?.line ?? null),
    error_code: "packageError" in outcome ? outcome.packageError : null,
  };
}

const publicUrl = ({ req, base, path }: Exchange) => `http://${req.headers.host ?? "127.0.0.1"}${base}${path}`;

const REFUSALS: Record<number, { code: number; message: string }> = {
  401: { code: 20003, message: "Authenticate" },
  403: { code: 20003, message: "Permission denied" },
  404: { code: 20404, message: "The requested resource was not found" },
  429: { code: 20429, message: "Too Many Requests" },
  500: { code: 20500, message: "An internal server error has occurred" },
  503: { code: 20503, message: "Service unavailable" },
};

function refusalBody(status: number) {
  const { code, message } = REFUSALS[status] ?? { code: status, message: "Error" };
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

const refusal: Refusals = (status) => ({
  type: "application/json; charset=utf-8",
  body: JSON.stringify(refusalBody(status)),
});

function refuse({ res }: Exchange, status: number, headers: Record<string, string> = {}): void {
  const challenge: Record<string, string> = status === 401 ? { "WWW-Authenticate": 'Basic realm="Twilio API"' } : {};
  replyJson(res, status, refusalBody(status), { ...challenge, ...headers });
}
