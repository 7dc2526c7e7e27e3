import { newId } from "@/lib/core/ids";
import { nothingHere } from "./firm-gate";
import { problemResponse } from "./problem";

/** The answer to an API address that does not exist: the same on every host, known or not. */
export async function noSuchRoute(request: Request): Promise<Response> {
  const route = new URL(request.url).pathname.slice(0, 200);
  return problemResponse(nothingHere(), { requestId: newId(), method: request.method, route });
}
