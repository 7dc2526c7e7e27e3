"use client";

/** What went wrong, as our API says it in `application/problem+json`. */
export type Problem = {
  status: number;
  code: string;
  title: string;
  detail: string;
  requestId: string | null;
  invalidParams: { name: string; reason: string }[];
};

export type ApiResult<T> = { isOk: true; data: T } | { isOk: false; problem: Problem };

const OFFLINE: Problem = {
  status: 0,
  code: "unavailable",
  title: "No answer",
  detail: "No answer came, so this may or may not have been saved. Check before you try again.",
  requestId: null,
  invalidParams: [],
};

/** Calls our JSON API as the signed-in user. Never throws: a refusal is a `Problem`, and so is a lost connection. */
export async function callApi<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
): Promise<ApiResult<T>> {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        accept: "application/json, application/problem+json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" ? { "idempotency-key": crypto.randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const reply: unknown = response.status === 204 ? null : await response.json().catch(() => null);
    if (response.ok) return { isOk: true, data: reply as T };
    const problem = problemOf(response.status, reply);
    // a 401 that asks for the second factor again comes from a session that still lives; the door itself has its own words
    if (problem.code === "unauthenticated" && !path.startsWith("/api/auth/")) signInAgain();
    return { isOk: false, problem };
  } catch {
    return { isOk: false, problem: OFFLINE };
  }
}

/* The session ended meanwhile: to the door, and back to this page. */
function signInAgain(): void {
  const { pathname, search } = window.location;
  window.location.assign(`/login?callbackUrl=${encodeURIComponent(pathname + search)}`);
}

function problemOf(status: number, reply: unknown): Problem {
  const body = (typeof reply === "object" && reply !== null ? reply : {}) as Partial<Problem>;
  return {
    status,
    code: body.code ?? "internal",
    title: body.title ?? "Something went wrong",
    detail: body.detail ?? "Something went wrong on our side. Check whether this was saved before you try again.",
    requestId: body.requestId ?? null,
    invalidParams: body.invalidParams ?? [],
  };
}

/**
 * A problem in one line for a toast: what failed, and the id that support asks for. Without an id the answer was not ours, so nobody can say that
 * nothing was saved.
 */
export const problemText = (problem: Problem): string =>
  problem.requestId ? `Not saved: ${problem.detail} Request ${problem.requestId}` : problem.detail;

/** What is wrong with one field, if the problem names it. */
export const fieldProblem = (problem: Problem | null, field: string): string | undefined =>
  problem?.invalidParams.find(({ name }) => name === field || name.endsWith(`.${field}`))?.reason;

/** A refusal in full, beside a form: what failed and the id that support asks for; nothing when one of these fields says it. */
export const otherProblem = (problem: Problem | null, fields: readonly string[] = []): string | undefined => {
  if (!problem || problem.invalidParams.some(({ name }) => fields.includes(name))) return undefined;
  return `${problem.detail}${problem.requestId ? ` Request ${problem.requestId}` : ""}`;
};
