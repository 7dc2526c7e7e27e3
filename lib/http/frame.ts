import { isId, newId } from "@/lib/core/ids";
import { type LogFields, log } from "@/lib/platform/log";
import { type OwnFault, problemResponse } from "./problem";

/** What Next calls: the request and the ids of its path. */
export type NextRoute = (request: Request, context?: { params: Promise<Record<string, string>> }) => Promise<Response>;

/** A request as its frame knows it, before anybody is proven. `note` tells the log who it turned out to be. */
export type FramedRequest = {
  request: Request;
  requestId: string;
  url: URL;
  params: Record<string, string>;
  note: (who: LogFields) => void;
};

/** What is around every route that is proven: an id for the request, a problem reply for every failure, one line in the log. */
export function framed(ownFault: OwnFault | undefined, answer: (asked: FramedRequest) => Promise<Response>): NextRoute {
  return async (request, context) => {
    const startedAt = performance.now();
    const requestId = newId();
    const url = new URL(request.url);
    const params = (await context?.params) ?? {};
    const at = { requestId, method: request.method, route: routeForLog(url.pathname, params) };
    let who: LogFields = {};
    const note = (fields: LogFields) => {
      who = fields;
    };
    const response = await answer({ request, requestId, url, params, note }).catch((error: unknown) =>
      problemResponse(error, at, ownFault),
    );
    const durationMs = Math.round(performance.now() - startedAt);
    log.info("request", { ...at, ...who, status: response.status, durationMs });
    return response;
  };
}

/** What a path says in the place of an id can be anything, a name or a key too: then the log gets the part before it. */
const routeForLog = (pathname: string, params: Record<string, string>): string =>
  Object.values(params).every(isId) ? pathname.slice(0, 200) : `${pathname.split("/").slice(0, 3).join("/")}/[id]`;
