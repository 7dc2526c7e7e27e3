import type { LeadScopeDto } from "@/lib/contracts/users";
import { COUNTIES } from "@/lib/core/county";
import { AppError } from "@/lib/core/errors";
import { OFFENSE_CLASSES } from "@/lib/core/offense";
import { ROLE_WORDS, type Role, UNLIMITED_ROLES } from "@/lib/core/role";

/** What a role without limits, or a person without any, is given. */
export const WHOLE_FIRM: LeadScopeDto = { counties: [], classes: [] };

/**
 * A scope as it is stored: each county and class once, in the order of their lists, so that the same choice always reads the same.
 * @throws AppError `unprocessable` naming `scope` when the role always sees the whole firm.
 */
export function scopeFor(role: Role, scope: LeadScopeDto): LeadScopeDto {
  const counties = COUNTIES.filter((county) => scope.counties.includes(county));
  const classes = OFFENSE_CLASSES.filter((each) => scope.classes.includes(each));
  if (counties.length + classes.length > 0 && UNLIMITED_ROLES.includes(role)) {
    throw new AppError("unprocessable", `${ROLE_WORDS[role].name}s always see the whole firm.`, {
      invalidParams: [{ name: "scope", reason: "is only for attorneys, staff and viewers" }],
    });
  }
  return { counties, classes };
}

/** True when both let the same leads through. */
export const isSameScope = (a: LeadScopeDto, b: LeadScopeDto): boolean =>
  a.counties.join() === b.counties.join() && a.classes.join() === b.classes.join();
