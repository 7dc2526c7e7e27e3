import { AppError } from "@/lib/core/errors";
import type { Ctx, Role } from "./ctx";

/** What can be asked for, and which roles may. A key needs the scope of the same name; services and jobs act for the house. */
export const PERMISSIONS = {
  "leads:ingest": [],
  "leads:read": ["owner", "admin", "attorney", "staff", "viewer"],
  "leads:write": ["owner", "admin", "attorney", "staff"],
  "enrich:run": ["owner", "admin", "attorney", "staff"],
  "export:read": ["owner", "admin", "attorney", "staff"],
  "sources:read": ["owner", "admin", "attorney", "staff", "viewer"],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof PERMISSIONS;

/** True when the actor may. */
export function mayDo(ctx: Ctx, permission: Permission): boolean {
  const { actor } = ctx;
  if (actor.type === "user") return (PERMISSIONS[permission] as readonly Role[]).includes(actor.role);
  if (actor.type === "apiKey") return actor.scopes.includes(permission);
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
