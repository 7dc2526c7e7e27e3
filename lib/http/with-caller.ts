import type { z } from "zod";
import { shownKey } from "./credentials";
import type { NextRoute } from "./frame";
import { gate, type ProveCaller, type RouteHandler, type RouteRules } from "./gate";
import { badKey, proveKey } from "./prove-key";
import { proveBySession, proveQuietly } from "./prove-session";

const byKeyOr =
  (proveSession: ProveCaller): ProveCaller =>
  async (request, requestId) => {
    const key = shownKey(request);
    if (key.kind === "none") return proveSession(request, requestId);
    if (key.kind === "garbage") throw badKey();
    return proveKey(request, key.parts, requestId);
  };

/** A route for people and programs: a key if one is shown, else the session of the firm's host. */
export const withCaller = <
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  P extends string = never,
>(
  rules: RouteRules<B, Q, P>,
  handler: RouteHandler<B, Q, P>,
): NextRoute => gate(byKeyOr(rules.isVisit === false ? proveQuietly : proveBySession), rules, handler);
