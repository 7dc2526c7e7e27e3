import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { env } from "@/lib/platform/env";
import { followRequest } from "./request-line";
import { securityHeaders } from "./security-headers";

/** Node publishes it for every request, before anything reads it. */
const CHANNEL = "http.server.request.start";
/** The methods that Next knows; at any other it fails with a bare 500. */
const METHODS: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"]);
/** No route has this name, so what is sent there is answered like every address that does not exist. */
const NOWHERE = "/api/no-such-method";

// One per process: the server starts it in one bundle, pages read it in another.
const holder = globalThis as typeof globalThis & { arrestraReplies?: AsyncLocalStorage<ServerResponse> };
holder.arrestraReplies ??= new AsyncLocalStorage();
const replies = holder.arrestraReplies;

/**
 * Sees every request of this process before Next does. A path that cannot be decoded becomes one that can and that nobody has, where Next would end
 * with a 500; X-Forwarded-For becomes the one address that counts, where Next would pass on what a client says; every reply starts with our headers,
 * also the redirects and the bare errors that Next makes by itself; and every request has its id and its line in the log.
 */
export function guardRequests(): void {
  // How long a reply may be kept is left to whoever makes it: what Next serves from its own folder is kept for ever.
  const { "cache-control": _cache, vary: _vary, ...always } = securityHeaders();
  const headers = Object.entries(always);
  const hops = env().TRUSTED_PROXY_HOPS;
  subscribe(CHANNEL, (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    for (const [name, value] of headers) response.setHeader(name, value);
    replies.enterWith(response);
    followRequest(request, response);
    // No page has a Server Action. Next would look for one by this name, and write the name, whatever it says, to the log.
    delete request.headers["next-action"];
    const { headers: sent, socket } = request;
    sent["x-forwarded-for"] = addressBehind(hops, sent["x-forwarded-for"], socket.remoteAddress);
    if (!METHODS.has(request.method)) {
      request.method = "GET";
      request.url = NOWHERE;
    }
    request.url = decodable(request.url ?? "/");
  });
}

/**
 * The address of a client behind `hops` proxies of ours. Each of them appends whom it was asked by, so the n-th entry from the right was written by the
 * first of them and everything before it by anybody. Without proxies, and without such an entry, it is who holds the socket.
 */
export function addressBehind(
  hops: number,
  forwarded: string | string[] | undefined,
  socketAddress: string | undefined,
): string {
  const list = [forwarded ?? []].flat().join(",").split(",");
  const written = hops > 0 ? (list.at(-hops)?.trim() ?? "") : "";
  return isIP(written) ? written : (socketAddress ?? "unknown");
}

/**
 * The same address as a path: without a scheme and host (proxies send them; the host is the Host header's), with one slash where it begins with
 * several, and with its percent signs escaped when its path does not decode.
 */
export function decodable(url: string): string {
  const [asked = "", ...query] = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "").split("?");
  const path = asked.startsWith("/") ? asked : "/";
  const oneSlash = path.replace(/^[/\\]{2,}/, "/");
  try {
    decodeURIComponent(oneSlash);
    return [oneSlash, ...query].join("?");
  } catch {
    return [oneSlash.replaceAll("%", "%25"), ...query].join("?");
  }
}

/**
 * Makes the page that is being rendered a 404. `notFound()` of Next says the same with an empty document that only a script fills; a page that calls this
 * and returns its own words is readable without one.
 */
export function markNotFound(): void {
  const response = replies.getStore();
  if (response && !response.headersSent) response.statusCode = 404;
}
