import { z } from "zod";
import { VendorError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";
import { type HttpReply, httpRequest, kindOfStatus, retryAfterMs } from "@/lib/platform/http-client";
import { takeTurn } from "@/lib/platform/vendor-pace";

/** What a call needs to speak for somebody at Google. */
export type GoogleAccess = {
  authorization: string;
  accountId: string;
  settings: Readonly<Record<string, string>>;
};

/** One call below the Calendar API's base address. Parts of `path` are encoded here. */
type GoogleCall = {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  path: readonly string[];
  query?: Record<string, string | undefined>;
  body?: unknown;
  /** Only if the record is still as we know it; 412 otherwise. */
  ifMatch?: string | undefined;
  timeoutMs?: number;
};

const VENDOR = "google";

/** Google says these with a 403 where others say 429. */
const RATE_REASONS = new Set(["userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"]);

/** "Calendar usage limits exceeded" is lifted after hours, and Google does not say when. */
const USAGE_LIMIT_MS = 3_600_000;

const Refusal = z.object({
  error: z.object({
    message: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().regex(/^[\w.]{1,60}$/) })).optional(),
  }),
});

/**
 * Makes one call, in turn under the limits of the project and of the user, and gives the reply; nothing is repeated here.
 * @throws VendorError whose `code` is Google's reason (`fullSyncRequired`, `duplicate`...), where it gives one.
 */
export async function callGoogle(access: GoogleAccess, call: GoogleCall): Promise<HttpReply> {
  await takeTurn("google.project", "house");
  // Before the first call nobody knows whose token it is, and one call needs no limit.
  if (access.accountId) await takeTurn("google.user", access.accountId);
  const reply = await httpRequest({
    vendor: VENDOR,
    url: addressOf(call),
    method: call.method ?? "GET",
    headers: {
      Authorization: access.authorization,
      Accept: "application/json",
      ...(call.body === undefined ? {} : { "Content-Type": "application/json; charset=utf-8" }),
      ...(call.ifMatch ? { "If-Match": call.ifMatch } : {}),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.timeoutMs ? { timeoutMs: call.timeoutMs } : {}),
    // A page of events whose descriptions are long.
    maxBytes: 16_000_000,
    accept: () => true,
  });
  if (reply.status < 200 || reply.status > 299) throw refusalOf(reply);
  return reply;
}

/** The body of a reply in a known shape; another shape is `garbled`. */
export function readAs<T>(schema: z.ZodType<T>, reply: HttpReply): T {
  const parsed = schema.safeParse(reply.json());
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new VendorError(VENDOR, "garbled", `sent an answer of another shape (${where})`, { status: reply.status });
}

function addressOf({ path, query = {} }: GoogleCall): URL {
  // A part of dots alone would climb out of its place in the address.
  if (path.some((part) => /^\.*$/.test(part)))
    throw new VendorError(VENDOR, "rejected", "an id is no id", { status: 404, code: "notFound" });
  const url = new URL(`${env().GOOGLE_CALENDAR_URL}/${path.map(encodeURIComponent).join("/")}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
  return url;
}

function refusalOf(reply: HttpReply): VendorError {
  const { reason, message } = readRefusal(reply);
  const isRate = reply.status === 403 && reason !== undefined && RATE_REASONS.has(reason);
  const kind = isRate ? "throttled" : kindOfStatus(reply.status);
  const isUsageLimit = kind === "throttled" && /usage limits exceeded/i.test(message ?? "");
  // Google's own words may quote what we sent: the reason says as much and nothing personal.
  return new VendorError(VENDOR, kind, `answered ${reply.status}${reason ? ` ${reason}` : ""}`, {
    status: reply.status,
    code: isUsageLimit ? "calendarUsageLimitsExceeded" : reason,
    retryAfterMs: retryAfterMs(reply.headers) ?? (isUsageLimit ? USAGE_LIMIT_MS : undefined),
  });
}

function readRefusal(reply: HttpReply): { reason?: string | undefined; message?: string | undefined } {
  try {
    const { error } = Refusal.parse(reply.json());
    return { reason: error.errors?.[0]?.reason, message: error.message };
  } catch {
    // A proxy on the way answers in words of its own; the status says enough.
    return {};
  }
}
