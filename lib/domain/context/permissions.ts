import { AppError } from "@/lib/core/errors";
import { KEY_SCOPES } from "@/lib/core/key-scope";
import type { Role } from "@/lib/core/role";
import type { Ctx } from "./ctx";

/**
 * What can be asked for, and which roles may: the one table, read by verbs, pages and tests. A key may what its scopes say, and never more than KEY_SCOPES;
 * services and jobs act for the house.
 */
export const PERMISSIONS = {
  "leads:ingest": [],
  "leads:read": ["owner", "admin", "attorney", "staff", "viewer"],
  "leads:write": ["owner", "admin", "attorney", "staff"],
  /** Bringing a list of the firm's own and taking it back: it changes the whole firm's leads. */
  "leads:import": ["owner", "admin"],
  "enrich:run": ["owner", "admin", "attorney", "staff"],
  "export:read": ["owner", "admin", "attorney", "staff"],
  "sources:read": ["owner", "admin", "attorney", "staff", "viewer"],
  /** One's own profile, password, factors and sessions. */
  "account:own": ["owner", "admin", "attorney", "staff", "viewer"],
  "users:manage": ["owner", "admin"],
  /** Giving and taking the role of owner. */
  "owners:manage": ["owner"],
  "keys:manage": ["owner", "admin"],
  "domains:manage": ["owner", "admin"],
  "audit:read": ["owner", "admin"],
  /** Connecting other services, choosing what is kept alike there, taking a connection away. */
  "connections:manage": ["owner", "admin"],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;

/** True when the actor may. */
export function mayDo(ctx: Ctx, permission: Permission): boolean {
  const { actor } = ctx;
  if (actor.type === "user") return (PERMISSIONS[permission] as readonly Role[]).includes(actor.role);
  if (actor.type === "apiKey")
    return (KEY_SCOPES as readonly string[]).includes(permission) && actor.scopes.includes(permission);
  return true;
}

/** @throws AppError `forbidden` when the actor may not. */
export function requirePermission(ctx: Ctx, permission: Permission): void {
  if (mayDo(ctx, permission)) return;
  throw new AppError(
    "forbidden",
    ctx.actor.type === "apiKey" ? `This key lacks the scope ${permission}.` : "Your role does not allow this.",
  );
}
