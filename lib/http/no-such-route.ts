import { nothingHere } from "./firm-gate";
import { problemResponse } from "./problem";
import { lined } from "./request-line";

/** The answer to an API address that does not exist: the same on every host, known or not. */
export const noSuchRoute = (request: Request): Promise<Response> =>
  lined(request, async ({ at }) => problemResponse(nothingHere(), at));
