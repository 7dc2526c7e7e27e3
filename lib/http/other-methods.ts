import { AppError } from "@/lib/core/errors";
import { problemResponse } from "./problem";
import { lined } from "./request-line";
import { securityHeaders } from "./security-headers";

/**
 * The answer of a route to every method it does not have: 405 with what it does have, and to OPTIONS the same list. Next would answer with an empty
 * body. HEAD is Next's own. No other origin is ever allowed to ask, so nothing here speaks CORS.
 */
export function otherMethods(...allowed: string[]): (request: Request) => Promise<Response> {
  const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return function wrongMethod(request) {
    return lined(request, async ({ at }) => {
      if (request.method === "OPTIONS") {
        const headers = { ...securityHeaders(), allow, "x-request-id": at.requestId };
        return new Response(null, { status: 204, headers });
      }
      const response = problemResponse(new AppError("method_not_allowed", `This address takes ${allow}.`), at);
      response.headers.set("allow", allow);
      return response;
    });
  };
}
