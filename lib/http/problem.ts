import type { z } from "zod";
import type { ProblemDto } from "@/lib/contracts/problem";
import { AppError, ERROR_TABLE, type InvalidParam } from "@/lib/core/errors";
import { isDatabaseAway } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import { securityHeaders } from "./security-headers";

/** Where a request failed, for the log. */
export type FailedRequest = { requestId: string; method: string; route: string };

/**
 * What a failure that nobody expected is called. To a program that will send the same again it is `unavailable`, with Retry-After: what it sent is
 * not at fault, and nothing of it was kept.
 */
export type OwnFault = "internal" | "unavailable";

/** Any failure as a problem reply. What we did not expect says one fixed sentence outside; its cause goes to the log. */
export function problemResponse(error: unknown, at: FailedRequest, ownFault: OwnFault = "internal"): Response {
  const known = toAppError(error, ownFault);
  const { status, title } = ERROR_TABLE[known.code];
  if (status >= 500) {
    log.error("a request failed", { ...at, code: known.code, status, ...failureFields(known.cause ?? error) });
  }
  const body: ProblemDto = {
    type: `/problems/${known.code}`,
    title,
    status,
    code: known.code,
    detail: known.message,
    requestId: at.requestId,
    invalidParams: known.invalidParams,
  };
  const headers: Record<string, string> = {
    ...securityHeaders(),
    "content-type": "application/problem+json; charset=utf-8",
    "x-request-id": at.requestId,
  };
  const retryAfter = known.retryAfterSeconds ?? (status === 503 ? 2 : undefined);
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  if (known.limit) {
    // As draft-ietf-httpapi-ratelimit-headers writes them.
    const { name, points, durationSeconds } = known.limit;
    headers["ratelimit-policy"] = `"${name}";q=${points};w=${durationSeconds}`;
    headers.ratelimit = `"${name}";r=0;t=${retryAfter ?? durationSeconds}`;
  }
  if (known.code === "unauthenticated") headers["www-authenticate"] = 'Bearer realm="arrestra"';
  return new Response(JSON.stringify(body), { status, headers });
}

function toAppError(error: unknown, ownFault: OwnFault): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) {
    return new AppError("unavailable", "The service is busy or restarting. Nothing was saved; try again shortly.", {
      cause: error,
    });
  }
  return new AppError(ownFault, "Something went wrong on our side. Nothing was saved.", { cause: error });
}

/** Parses what came in; a breach is a 422 that names every field. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("unprocessable", "The request has fields that are not acceptable.", {
    invalidParams: invalidParams(parsed.error),
  });
}

const MAX_PARAMS = 50;

/** zod's issues as field names and reasons: `leads[3].charges[0].bailCents`. The values themselves are never repeated. */
function invalidParams(error: z.ZodError): InvalidParam[] {
  return error.issues
    .flatMap((issue): InvalidParam[] => {
      if (issue.code !== "unrecognized_keys") return [{ name: fieldName(issue.path), reason: issue.message }];
      return issue.keys.map((key) => ({
        name: fieldName([...issue.path, key.slice(0, 100)]),
        reason: "is not a field of this request",
      }));
    })
    .slice(0, MAX_PARAMS);
}

const fieldName = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "") || "body";
