import { z } from "zod";
import { COUNTIES } from "@/lib/core/county";
import { AppError } from "@/lib/core/errors";
import { OFFENSE_CLASSES } from "@/lib/core/offense";
import type { Tx } from "@/lib/platform/db";
import { findUserActor, isFirmOpen } from "../../auth/actor-now";
import type { Actor, Ctx, LeadScope } from "../../context/ctx";
import { scopeOf } from "../../context/member-scope";
import { mayDo } from "../../context/permissions";
import type { ExportRow } from "./export-row";

const StoredScope = z
  .strictObject({ counties: z.array(z.enum(COUNTIES)), classes: z.array(z.enum(OFFENSE_CLASSES)) })
  .nullable();

/** The limits that a row holds; null for none. */
export const storedScope = ({ scope }: ExportRow): LeadScope | null => StoredScope.parse(scope);

const gone = () => new AppError("forbidden", "Who asked for this may no longer take it away.");

/**
 * What whoever asked may reach when the file is made: their limits of when they asked and those of now, whichever is narrower.
 * @throws AppError `forbidden` when they may no longer export at all, or nothing is left of what they may see.
 */
export async function findReach(tx: Tx, ctx: Ctx, row: ExportRow): Promise<LeadScope | null> {
  const actor = await findAsker(tx, ctx, row);
  const asker: Ctx = { ...ctx, actor };
  if (!mayDo(asker, "export:read") || (row.kind === "audit" && !mayDo(asker, "audit:read"))) throw gone();
  const both = narrower(storedScope(row), scopeOf(asker));
  if (both === "nothing") throw new AppError("forbidden", "Who asked for this sees other leads now. Ask again.");
  return both;
}

async function findAsker(tx: Tx, ctx: Ctx, { askedBy, askedByType }: ExportRow): Promise<Actor> {
  if (!(await isFirmOpen(tx, ctx))) throw gone();
  if (askedByType === "apiKey") {
    const key = await tx.apiKey.findUnique({ where: { tenantId_id: { tenantId: ctx.tenantId, id: askedBy } } });
    if (!key || key.revokedAt || (key.expiresAt && key.expiresAt <= ctx.clock.now())) throw gone();
    return { type: "apiKey", id: key.id, scopes: key.scopes };
  }
  const user = await findUserActor(tx, ctx, askedBy);
  if (!user) throw gone();
  return user;
}

/** What both limits let through; an empty list is no limit, so lists without anything in common are said as such. */
export function narrower(a: LeadScope | null, b: LeadScope | null): LeadScope | null | "nothing" {
  if (!a || !b) return a ?? b;
  const counties = common(a.counties, b.counties);
  const classes = common(a.classes, b.classes);
  return counties && classes ? { counties, classes } : "nothing";
}

function common<T>(a: readonly T[], b: readonly T[]): readonly T[] | null {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const both = a.filter((each) => b.includes(each));
  return both.length > 0 ? both : null;
}

/** Whether everything within `inner` is also within `outer`. */
export function isWithin(inner: LeadScope | null, outer: LeadScope | null): boolean {
  const holds = <T>(own: readonly T[], limit: readonly T[]) =>
    limit.length === 0 || (own.length > 0 && own.every((each) => limit.includes(each)));
  if (!outer) return true;
  return holds(inner?.counties ?? [], outer.counties) && holds(inner?.classes ?? [], outer.classes);
}
