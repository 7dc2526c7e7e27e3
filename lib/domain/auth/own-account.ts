import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Actor, Ctx } from "../context/ctx";
import { requirePermission } from "../context/permissions";

/** A signed-in person. */
export type Person = Extract<Actor, { type: "user" }>;

/** The person whose account this is about: their own, whatever else they may. @throws AppError `forbidden` for keys and services, which have none. */
export function requireOwnAccount(ctx: Ctx): Person {
  requirePermission(ctx, "account:own");
  if (ctx.actor.type !== "user") throw new AppError("forbidden", "Only a person has an account.");
  return ctx.actor;
}

/** The person with their firm, as their pages and their authenticator name them. */
export type OwnRecord = { name: string; email: string; firmName: string; slug: string };

/** @throws AppError `not_found` when the person is gone. */
export async function getOwnRecord(tx: Tx, ctx: Ctx, { id }: Person): Promise<OwnRecord> {
  const [own] = await tx.$queryRaw<OwnRecord[]>`
    SELECT u.name, u.email, t.name AS "firmName", t.slug FROM app_user u JOIN tenant t ON t.id = u.tenant_id
    WHERE u.tenant_id = ${ctx.tenantId}::uuid AND u.id = ${id}::uuid`;
  if (!own) throw new AppError("not_found", "There is nothing here.");
  return own;
}

/** Locks the person's row, so that of two changes of their factors at once the second sees the first. */
export async function lockOwnRow(tx: Tx, ctx: Ctx, { id }: Person): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM app_user WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`;
}
