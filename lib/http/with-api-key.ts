import type { z } from "zod";
import { AppError } from "@/lib/core/errors";
import type { Permission } from "@/lib/domain/context/ctx";
import { shownKey } from "./credentials";
import type { NextRoute } from "./frame";
import { gate, type ProveCaller, type RouteHandler, type RouteRules } from "./gate";
import { badKey, proveKey } from "./prove-key";

type KeyRules<B extends z.ZodType, Q extends z.ZodType, P extends string> = Omit<RouteRules<B, Q, P>, "permission"> & {
  scope: Permission;
};

const proveByKey: ProveCaller = async (request, requestId) => {
  const key = shownKey(request);
  if (key.kind === "none") throw new AppError("unauthenticated", "Send an API key: Authorization: Bearer <key>.");
  if (key.kind === "garbage") throw badKey();
  return proveKey(request, key.parts, requestId);
};

/** A route for programs: a key with the scope, nothing else. A cookie beside it is not looked at. */
export const withApiKey = <
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  P extends string = never,
>(
  { scope, ...rules }: KeyRules<B, Q, P>,
  handler: RouteHandler<B, Q, P>,
): NextRoute => gate(proveByKey, { ownFault: "unavailable", ...rules, permission: scope }, handler);
