import { platformTransaction, type Tx, tenantTransaction } from "@/lib/platform/db";
import type { Ctx } from "./ctx";
import { scopeOf } from "./member-scope";

/**
 * The only door to tenant rows: one transaction bound to the firm of `ctx`, and to the leads that its actor may see. Inside a gate that already holds
 * the transaction (idempotency), the verb joins it, so that the reply's record and the work commit together.
 */
export function inTenant<T>(ctx: Ctx, fn: (tx: Tx) => Promise<T>, options: { timeoutMs?: number } = {}): Promise<T> {
  return ctx.tx ? fn(ctx.tx) : tenantTransaction(ctx.tenantId, fn, { ...options, scope: scopeOf(ctx) });
}

/** Questions asked before the firm is known. Every caller and its reason is listed in tests/architecture. */
export type PlatformReason =
  | "find firm by host"
  | "find key"
  | "claim job"
  | "source health"
  | "list firms"
  | "run the platform"
  | "audit alarms"
  | "find webhook owner";

/** The other door: reads the named columns of a few tables across firms. */
export const asPlatform = <T>(_reason: PlatformReason, fn: (tx: Tx) => Promise<T>): Promise<T> =>
  platformTransaction(fn);
