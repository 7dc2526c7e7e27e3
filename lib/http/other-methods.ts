import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { problemResponse } from "./problem";

/**
 * The answer of a route to every method it does not have: 405 with what it does have. Next would answer with an empty body. OPTIONS and HEAD are
 * Next's own.
 */
export function otherMethods(...allowed: string[]): (request: Request) => Promise<Response> {
  const allow = [...allowed, ...(allowed.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return async function wrongMethod(request) {
    const error = new AppError("method_not_allowed", `This address takes ${allow}.`);
    const route = new URL(request.url).pathname.slice(0, 200);
    const response = problemResponse(error, { requestId: newId(), method: request.method, route });
    response.headers.set("allow", allow);
    return response;
  };
}
