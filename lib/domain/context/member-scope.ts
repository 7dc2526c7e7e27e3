import type { Ctx, LeadScope } from "./ctx";

/** The leads that the actor is limited to; null = all of the firm. Only members are ever limited: keys, services and jobs act for the firm. */
export function scopeOf({ actor }: Pick<Ctx, "actor">): LeadScope | null {
  if (actor.type !== "user" || !actor.scope) return null;
  const { counties, classes } = actor.scope;
  return counties.length + classes.length > 0 ? actor.scope : null;
}
