import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { type HttpReply, httpRequest, kindOfStatus, retryAfterMs } from "@/lib/platform/http-client";
import { takeTurn } from "@/lib/platform/vendor-pace";
import { zoomApi } from "./oauth-zoom";

/** A day's limit is not there again in a moment, whatever a clock that is not ours says. */
const DAILY_WAIT_MS = 15 * 60_000;

/** What a call needs of a firm's access: the Authorization header, the account that limits are counted for, what was chosen when connecting. */
export type ZoomAccess = { authorization: string; accountId: string; settings: Readonly<Record<string, string>> };

/** Zoom labels each call; the label is the limit that it counts against. We make none of those that it calls heavy. */
type Label = "light" | "medium";

/** One call of the API. `path` follows the base and is encoded already. */
export type ZoomCall = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  label: Label;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  timeoutMs?: number;
};

/** A meeting that is not there, or not any more. The number alone says nothing: Zoom gives one number under several statuses. */
export const isMeetingGone = (error: unknown): boolean =>
  error instanceof VendorError && error.vendor === "zoom" && error.status === 404 && error.code === "3001";

/**
 * Asks the API of an account, in its turn, once: nothing is repeated here.
 * @throws VendorError; `code` is Zoom's own number, and `Daily-limit` or `QPS` where that is which limit was met.
 */
export async function callZoom(access: ZoomAccess, call: ZoomCall): Promise<HttpReply> {
  const url = new URL(`${zoomApi(access.settings)}${call.path}`);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  await takeTurn(`zoom.${call.label}`, access.accountId || "new");
  const reply = await httpRequest({
    vendor: "zoom",
    url,
    method: call.method,
    headers: {
      authorization: access.authorization,
      accept: "application/json",
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs }),
    accept: () => true,
  });
  if (reply.status < 200 || reply.status > 299) throw refusalOf(reply);
  return reply;
}

/** The body of a reply in the shape we know; anything else is `garbled`. */
export function readZoom<S extends z.ZodType>(reply: HttpReply, schema: S): z.output<S> {
  const parsed = schema.safeParse(reply.json());
  if (parsed.success) return parsed.data;
  throw new VendorError("zoom", "garbled", "sent an answer of another shape", { status: reply.status });
}

const Refusal = z.object({ code: z.union([z.int(), z.string().max(20)]).transform(String) });

function refusalOf(reply: HttpReply): VendorError {
  const { status, headers } = reply;
  // The message may name a person, so only the number is kept.
  const number = codeOf(reply);
  if (status !== 429) {
    return new VendorError("zoom", kindOfStatus(status), `answered ${status}${number ? ` (${number})` : ""}`, {
      status,
      code: number,
      retryAfterMs: waitOf(headers),
    });
  }
  // Without the header it is another limit: too much at once for one user, or their hundred meetings of the day.
  const type = headers.get("x-ratelimit-type")?.toLowerCase();
  const code = type?.startsWith("daily") ? "Daily-limit" : type === "qps" ? "QPS" : number;
  return new VendorError("zoom", "throttled", `answered 429${code ? ` (${code})` : ""}`, {
    status,
    code,
    retryAfterMs:
      code === "Daily-limit"
        ? Math.max(DAILY_WAIT_MS, waitOf(headers) ?? 0)
        : (waitOf(headers) ?? (code === "QPS" ? 1000 : undefined)),
  });
}

function codeOf(reply: HttpReply): string | undefined {
  try {
    const parsed = Refusal.safeParse(JSON.parse(reply.text()));
    return parsed.success ? parsed.data.code : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` is an ISO 8601 date-time on the daily limit, and elsewhere whatever it may be. */
function waitOf(headers: Headers): number | undefined {
  const usual = retryAfterMs(headers);
  if (usual !== undefined) return usual;
  const value = headers.get("retry-after")?.trim() ?? "";
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
