import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import { newId } from "@/lib/core/ids";
import { routeOf } from "@/lib/core/route-of";
import { because, causeIdOrNew, fromNowBecause } from "@/lib/platform/cause";
import { env } from "@/lib/platform/env";
import { type LogFields, log } from "@/lib/platform/log";
import { countMetrics } from "@/lib/platform/metrics";

/** What the log will say of a request once it is answered. */
type Line = { at: { requestId: string; method: string; route: string }; who: LogFields; startedAt: number };

/** A request whose line is being kept: its id, where it came to, and a way to say who it turned out to be. */
export type LinedRequest = { at: Line["at"]; note: (who: LogFields) => void };

// One per process: the server opens it in one bundle, routes and pages read it in another.
const holder = globalThis as typeof globalThis & { arrestraLine?: AsyncLocalStorage<Line | undefined> };
holder.arrestraLine ??= new AsyncLocalStorage();
const lines = holder.arrestraLine;

/** What the build made, which says nothing about anybody: it has no line. */
const STATIC = /^\/(?:_next\/|(?:icon\.svg|favicon\.ico|robots\.txt)(?:\?|$))/;

/**
 * Gives a request of the server its id, which every reply tells and everything that follows from it carries, and writes one line of the log when the reply has
 * ended, whoever made it: a route, a page, a redirect, a refusal, Next itself.
 */
export function followRequest(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "/";
  if (STATIC.test(path)) {
    // A connection may be kept, and what was entered for the request before it on it with it.
    lines.enterWith(undefined);
    fromNowBecause(undefined);
    return;
  }
  const requestId = newId();
  const line: Line = {
    at: { requestId, method: request.method ?? "", route: routeOf(path) },
    who: { edgeId: edgeIdOf(request.headers) },
    startedAt: performance.now(),
  };
  lines.enterWith(line);
  fromNowBecause({ requestId });
  response.setHeader("x-request-id", requestId);
  response.once("close", () =>
    // Who went away before the end of the reply: its status alone would say that all went well.
    write(line, response.statusCode, response.writableFinished ? undefined : "reader_gone"),
  );
}

/** Answers a request, with one line for it: the server's own where one follows it, else one that is written here. */
export async function lined(request: Request, answer: (asked: LinedRequest) => Promise<Response>): Promise<Response> {
  const followed = lines.getStore();
  if (followed) return answer(askedOf(followed));
  const at = { requestId: causeIdOrNew(), method: request.method, route: routeOf(new URL(request.url).pathname) };
  const line: Line = { at, who: {}, startedAt: performance.now() };
  return because({ requestId: at.requestId }, () =>
    lines.run(line, async () => {
      const response = await answer(askedOf(line));
      write(line, response.status);
      return response;
    }),
  );
}

/** Says whose request it is that is being answered, for pages. */
export function noteCaller(who: LogFields): void {
  const line = lines.getStore();
  if (line) Object.assign(line.who, who);
}

const askedOf = (line: Line): LinedRequest => ({ at: line.at, note: (who) => void Object.assign(line.who, who) });

function write({ at, who, startedAt }: Line, status: number, errorCode?: string): void {
  const durationMs = Math.round(performance.now() - startedAt);
  log.info("request", { ...at, ...who, status, durationMs, errorCode });
  countMetrics({
    Requests: 1,
    RequestsRefused: status >= 400 && status < 500 ? 1 : 0,
    RequestsFailed: status >= 500 ? 1 : 0,
    SlowestRequestMs: durationMs,
  });
}

/** As CloudFront writes it, and the part of the load balancer's that names the request. */
const CLOUDFRONT_ID = /^[A-Za-z0-9_-]{40,80}={0,2}$/;
const TRACE_ID = /\bRoot=(1-[0-9a-f]{8}-[0-9a-f]{24})\b/;

/**
 * What the proxy in front of us calls this request, to find it in its log. Only a proxy of ours is asked, and only what looks like an id of its kind is kept: it is
 * a mark beside our own id, and nothing is decided by it.
 */
export function edgeIdOf(
  headers: IncomingMessage["headers"],
  { TRUSTED_PROXY_HOPS: hops } = env(),
): string | undefined {
  if (hops === 0) return undefined;
  const [ofCloudFront = "", ofBalancer = ""] = [headers["x-amz-cf-id"], headers["x-amzn-trace-id"]].map(String);
  return CLOUDFRONT_ID.test(ofCloudFront) ? ofCloudFront : TRACE_ID.exec(ofBalancer)?.[1];
}
