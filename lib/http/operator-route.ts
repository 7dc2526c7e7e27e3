import type { z } from "zod";
import { systemClock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { type Operator, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { causeIdOrNew } from "@/lib/platform/cause";
import { env } from "@/lib/platform/env";
import { findSite, nothingHere } from "./firm-gate";
import { framed, type NextRoute } from "./frame";
import { hasOperatorSession } from "./operator";
import { parseInput } from "./problem";
import { readJson } from "./read-json";
import { type Reply, toResponse } from "./respond";

const MAX_BYTES = 16_000;

/**
 * A change by whoever runs the platform: on our own address alone, from one of our own pages, as JSON, with a live operator session. Nothing else about the
 * caller counts: no firm's session and no key is worth anything here.
 */
export function withOperator<B extends z.ZodType>(
  { body: schema }: { body: B },
  handler: (operator: Operator, body: z.output<B>) => Promise<Reply>,
): NextRoute {
  return framed(undefined, async ({ request, requestId, note }) => {
    await requireOperatorPage(request);
    const operator = findOperator(request.headers, requestId);
    // Not `unauthenticated`: that leads to a firm's sign-in page, which our own address has not.
    if (!operator)
      throw new AppError("forbidden", "Your operator session has ended. Reload the page and sign in again.");
    note({ actorType: "service", actorId: "operator" });
    const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (type !== "application/json") throw new AppError("invalid_request", "Send the body as application/json.");
    const { value } = await readJson(request, MAX_BYTES);
    return toResponse(await handler(operator, parseInput(schema, value)), requestId);
  });
}

/** The operator, when these headers carry a live session of theirs. */
export const findOperator = (headers: Pick<Headers, "get">, requestId = causeIdOrNew()): Operator | null =>
  hasOperatorSession(headers, systemClock.now()) ? provenOperator(requestId, systemClock) : null;

/** @throws AppError `not_found` on any host but our own, `forbidden` unless one of our own pages sent the request. */
export async function requireOperatorPage({ headers }: Request): Promise<void> {
  if ((await findSite(headers)).kind !== "apex") throw nothingHere();
  if (headers.get("origin") !== new URL(env().APP_BASE_URL).origin) {
    throw new AppError("forbidden", "This request did not come from the operator's page.");
  }
}
