import type { z } from "zod";
import { gate, type NextRoute, type RouteHandler, type RouteRules } from "./gate";
import { proveBySession } from "./prove-session";

/** A route for people only: a session of the firm's host. */
export const withSession = <B extends z.ZodType = z.ZodUndefined, Q extends z.ZodType = z.ZodUndefined>(
  rules: RouteRules<B, Q>,
  handler: RouteHandler<B, Q>,
): NextRoute => gate(proveBySession, rules, handler);
