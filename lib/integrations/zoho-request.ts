import { z } from "zod";
import { VendorError, type VendorErrorKind } from "@/lib/core/errors";
import { httpRequest, kindOfStatus, retryAfterMs } from "@/lib/platform/http-client";
import { zohoApi } from "./oauth-zoho";

/** What a call needs of a connection. `settings.dataCenter` decides where the token goes. */
export type ZohoAccess = { authorization: string; accountId: string; settings: Readonly<Record<string, string>> };

/** One request to the CRM. `acceptsRows`: an error status with results per row is an answer. */
export type ZohoAsk = {
  path: string;
  method?: "GET" | "POST" | "PUT";
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: unknown;
  acceptsRows?: boolean;
};

/** A reply that is an answer. `read` gives its body in the shape asked for, or throws `garbled`. */
export type ZohoReply = {
  status: number;
  creditsLeft: number | null;
  read<T>(schema: z.ZodType<T>): T;
  garbled(what: string, cause?: unknown): VendorError;
};

const HOUR_MS = 3_600_000;
/** Credits come back over 24 hours; places for requests under way come back at once. */
const WAITS: Record<string, number> = { LIMIT_EXCEEDED: HOUR_MS, TOO_MANY_REQUESTS: 5000 };

/** What the codes mean where the status alone says too little. */
const KINDS: Record<string, VendorErrorKind> = {
  LIMIT_EXCEEDED: "throttled",
  TOO_MANY_REQUESTS: "throttled",
  INTERNAL_ERROR: "unavailable",
};

/**
 * Asks the CRM once.
 * @throws VendorError with Zoho's own `code` where it gives one.
 */
export async function zohoRequest(access: ZohoAccess, asked: ZohoAsk): Promise<ZohoReply> {
  const url = new URL(`${zohoApi(access.settings)}/crm/v8${asked.path}`);
  for (const [name, value] of Object.entries(asked.query ?? {})) url.searchParams.set(name, value);
  const reply = await httpRequest({
    vendor: "zoho",
    url,
    method: asked.method ?? "GET",
    headers: {
      Accept: "application/json",
      Authorization: access.authorization,
      ...(asked.body === undefined ? {} : { "Content-Type": "application/json" }),
      ...asked.headers,
    },
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
    timeoutMs: 20_000,
    maxBytes: 4_000_000,
    accept: () => true,
  });
  const { status, headers } = reply;
  const garbled = (what: string, cause?: unknown) => new VendorError("zoho", "garbled", what, { cause, status });
  if (status === 204 || (status === 304 && asked.headers?.["If-Modified-Since"] !== undefined)) {
    return { status, creditsLeft: creditsOf(headers), read: () => fail(garbled("sent no answer")), garbled };
  }
  const body = parse(reply.text());
  const isAnswer = status >= 200 && status < 300;
  if (!isAnswer && !(asked.acceptsRows && hasRows(body))) throw refusal(status, headers, body);
  if (isAnswer && body === undefined) throw garbled("the body is not JSON");
  return {
    status,
    creditsLeft: creditsOf(headers),
    garbled,
    read: (schema) => {
      const parsed = schema.safeParse(body);
      return parsed.success ? parsed.data : fail(garbled("sent an answer of another shape", parsed.error));
    },
  };
}

function fail(error: Error): never {
  throw error;
}

/** Ids have 18 digits and more: as numbers the last ones would be lost, so a number that is too long stays the text that it was. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) =>
      typeof value === "number" && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? "")
        ? context?.source
        : value,
    );
  } catch {
    return undefined;
  }
}

const hasRows = (body: unknown): boolean => z.object({ data: z.array(z.unknown()) }).safeParse(body).success;
const Problem = z.object({ code: z.string().max(100) });

function refusal(status: number, headers: Headers, body: unknown): VendorError {
  const code = Problem.safeParse(body).data?.code;
  const kind = KINDS[code ?? ""] ?? kindOfStatus(status);
  return new VendorError("zoho", kind, `answered ${status}${code ? ` ${code}` : ""}`, {
    // A right that is missing comes as 401 too, but no new token has it.
    status: code === "OAUTH_SCOPE_MISMATCH" ? 403 : status,
    code,
    retryAfterMs: retryAfterMs(headers) ?? WAITS[code ?? ""],
  });
}

function creditsOf(headers: Headers): number | null {
  const value = headers.get("x-api-credits-remaining")?.trim() ?? "";
  return /^\d{1,9}$/.test(value) ? Number(value) : null;
}
