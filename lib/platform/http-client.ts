import { VendorError, type VendorErrorKind } from "@/lib/core/errors";
import { causeId } from "./cause";
import { log } from "./log";
import { countMetrics } from "./metrics";
import { traced } from "./traced";

/** One request to a stranger. `vendor` names the service in errors. Nothing is followed, waited for or read without a limit. */
export type HttpRequest = {
  vendor: string;
  url: string | URL;
  method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer> | URLSearchParams;
  /** Deadline for the whole exchange, last body byte included. */
  timeoutMs?: number;
  /** Greatest body, after decompression. A longer one is refused while it streams. */
  maxBytes?: number;
  /** Greatest number of redirects followed, on the same origin only. */
  redirects?: number;
  /** Statuses outside 200-299 that the caller wants as a reply rather than as an error. */
  accept?: (status: number) => boolean;
  signal?: AbortSignal;
};

/** What came back: the whole body, decoded on demand. */
export type HttpReply = {
  status: number;
  headers: Headers;
  /** The address that answered, after redirects. */
  url: string;
  bytes: Uint8Array;
  /** The body as text in its declared charset (UTF-8 otherwise); broken bytes become U+FFFD. */
  text(): string;
  /** The body as JSON; anything else is a `garbled` VendorError. */
  json(): unknown;
};

const DEFAULT_TIMEOUT_MS = 10_000;
/** Greatest body where the caller names no other. */
export const DEFAULT_MAX_BYTES = 2_000_000;

/**
 * The one way out: Node's fetch with a deadline, a size cap, no redirects unless asked, and named failures. Throws `VendorError` only:
 * `timeout`; `throttled` (429) and `unavailable` (5xx, no connection, cut connection) with `retryAfterMs` when the service
 * said it; `rejected` (other statuses, redirects not asked for); `garbled` (too large, not what it claims to be).
 */
export const httpRequest = (request: HttpRequest): Promise<HttpReply> =>
  vendorCall(request.vendor, () => exchange(request));

/** Around every call of another service, whatever client makes it: a span when traces are on, and a failure is logged and counted. */
export async function vendorCall<T>(vendor: string, call: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await traced("vendor call", { "arrestra.vendor": vendor }, call);
  } catch (error) {
    if (error instanceof VendorError) {
      countMetrics({ VendorFailures: 1 });
      const { kind, status } = error;
      log.warn("a vendor failed", {
        provider: vendor,
        kind,
        status,
        durationMs: Math.round(performance.now() - startedAt),
      });
    }
    throw error;
  }
}

/** Our own id of the request under way, which is random and says nothing: whoever asks a vendor about a call has something to ask with. */
export const causeHeaders = (): Record<string, string> => {
  const requestId = causeId();
  return requestId === undefined ? {} : { "x-request-id": requestId };
};

async function exchange(request: HttpRequest): Promise<HttpReply> {
  const deadline = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
  try {
    const response = await follow(request, signal);
    const bytes = await readCapped(request, response);
    return toReply(request, response, bytes);
  } catch (error) {
    throw named(request.vendor, error, deadline);
  }
}

async function follow(request: HttpRequest, signal: AbortSignal): Promise<Response> {
  let url = new URL(request.url);
  let { method = "GET", body } = request;
  for (let left = request.redirects ?? 0; ; left -= 1) {
    const response = await fetch(url, {
      method,
      headers: { ...causeHeaders(), ...request.headers },
      body,
      redirect: "manual",
      signal,
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || !location || left <= 0) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    // A credential in a header must never travel to another origin.
    if (next.origin !== url.origin) {
      throw new VendorError(request.vendor, "rejected", `redirected to another origin: ${next.origin}`, {
        status: response.status,
      });
    }
    if (response.status !== 307 && response.status !== 308) {
      method = method === "HEAD" ? "HEAD" : "GET";
      body = undefined;
    }
    url = next;
  }
}

async function readCapped(request: HttpRequest, response: Response): Promise<Uint8Array> {
  const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream, and with it the connection.
    if (size > maxBytes)
      throw new VendorError(request.vendor, "garbled", `the body is larger than ${maxBytes} bytes`, {
        status: response.status,
      });
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}

function toReply(request: HttpRequest, response: Response, bytes: Uint8Array): HttpReply {
  const { status, headers } = response;
  if (!response.ok && !request.accept?.(status)) {
    throw new VendorError(request.vendor, kindOfStatus(status), `answered ${status}`, {
      status,
      retryAfterMs: retryAfterMs(headers),
    });
  }
  const text = () => decoderFor(headers.get("content-type")).decode(bytes);
  return {
    status,
    headers,
    url: response.url,
    bytes,
    text,
    json: () => {
      try {
        return JSON.parse(text()) as unknown;
      } catch (cause) {
        throw new VendorError(request.vendor, "garbled", "the body is not JSON", { cause, status });
      }
    },
  };
}

/** The failure that a status outside 200-299 means. */
export function kindOfStatus(status: number): VendorErrorKind {
  if (status === 429) return "throttled";
  if (status === 408) return "timeout";
  return status >= 500 ? "unavailable" : "rejected";
}

/** `Retry-After` in either form (seconds, or an HTTP date) as milliseconds from `now`; undefined when absent or unreadable. */
export function retryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // An HTTP date always names its day and GMT; Date.parse alone would take "-1" for a year.
  const at = /^[A-Z][a-z]+, .+ GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function decoderFor(contentType: string | null): TextDecoder {
  const charset = /charset="?([\w-]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

function named(vendor: string, error: unknown, deadline: AbortSignal): unknown {
  if (error instanceof VendorError) return error;
  if (deadline.aborted) return new VendorError(vendor, "timeout", "did not answer in time", { cause: error });
  if (error instanceof Error && error.name === "AbortError")
    return new VendorError(vendor, "timeout", "was given up", { cause: error });
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause && "code" in cause ? String(cause.code) : "";
  // A body that does not decompress, or a reply that is no HTTP, will not get better by asking again.
  if (/^(Z_|ERR_|BROTLI|HPE_)/.test(code))
    return new VendorError(vendor, "garbled", `sent an unreadable reply (${code})`, { cause: error });
  return new VendorError(vendor, "unavailable", `cannot be reached${code ? ` (${code})` : ""}`, { cause: error });
}
