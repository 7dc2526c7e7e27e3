import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { problemResponse } from "./problem";
import { securityHeaders } from "./security-headers";

/**
 * The answer of a route to every method it does not have: 405 with what it does have, and to OPTIONS the same list. Next would answer with an empty
 * body. HEAD is Next's own. No other origin is ever allowed to ask, so nothing here speaks CORS.
 */
export function otherMethods(...allowed: string[]): (request: Request) => Promise<Response> {
  const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return async function wrongMethod(request) {
    const requestId = newId();
    if (request.method === "OPTIONS") {
      return new Response(null, { status: 204, headers: { ...securityHeaders(), allow, "x-request-id": requestId } });
    }
    const error = new AppError("method_not_allowed", `This address takes ${allow}.`);
    const route = new URL(request.url).pathname.slice(0, 200);
    const response = problemResponse(error, { requestId, method: request.method, route });
    response.headers.set("allow", allow);
    return response;
  };
}
