import type { LogFields } from "@/lib/platform/log";
import { type OwnFault, problemResponse } from "./problem";
import { lined } from "./request-line";

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
  return (request, context) =>
    lined(request, async ({ at, note }) => {
      const url = new URL(request.url);
      const params = (await context?.params) ?? {};
      return answer({ request, requestId: at.requestId, url, params, note }).catch((error: unknown) =>
        problemResponse(error, at, ownFault),
      );
    });
}
