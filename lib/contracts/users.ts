import { z } from "zod";
import { COUNTIES } from "@/lib/core/county";
import { OFFENSE_CLASSES } from "@/lib/core/offense";
import { ROLES } from "@/lib/core/role";
import { text, visibleText } from "@/lib/core/text";

const instant = z.string();

/** The leads that a member may see; an empty list is no limit. Owners and admins have none. */
export const LeadScopeDto = z.strictObject({
  counties: z.array(z.enum(COUNTIES)).max(COUNTIES.length),
  classes: z.array(z.enum(OFFENSE_CLASSES)).max(OFFENSE_CLASSES.length),
});
export type LeadScopeDto = z.infer<typeof LeadScopeDto>;

/** What a member is: invited and not yet in, in, or shut out. */
export const USER_STATES = ["invited", "active", "disabled"] as const;

/** A member of the firm as its admins see them. */
export const UserDto = z.strictObject({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  scope: LeadScopeDto,
  state: z.enum(USER_STATES),
  hasAuthenticator: z.boolean(),
  passkeys: z.int(),
  sessions: z.int(),
  lastVisitAt: instant.nullable(),
  createdAt: instant,
  /** Until when the invitation can be taken up; null when there is none. */
  invitedUntil: instant.nullable(),
});
export type UserDto = z.infer<typeof UserDto>;

/** The reply of `GET /api/users`; pages by `cursor`. */
export const UserPage = z.strictObject({ users: z.array(UserDto), nextCursor: z.string().nullable() });
export type UserPage = z.infer<typeof UserPage>;

/** The query of `GET /api/users`. */
export const UserPageQuery = z.strictObject({
  limit: z.int().min(1).max(200).default(100),
  cursor: z.string().max(1000).optional(),
});
export type UserPageQuery = z.infer<typeof UserPageQuery>;

/** The body of `POST /api/users/invitations`. */
export const InviteUser = z.strictObject({
  email: text(254),
  name: visibleText(120),
  role: z.enum(ROLES),
  scope: LeadScopeDto.default({ counties: [], classes: [] }),
});
export type InviteUser = z.infer<typeof InviteUser>;

/** A one-time link, shown once to the admin who hands it over. */
export const OneTimeLink = z.strictObject({ userId: z.string(), url: z.string(), expiresAt: instant });
export type OneTimeLink = z.infer<typeof OneTimeLink>;

/** The body of `PATCH /api/users/{id}`: what is left out stays. */
export const ChangeUser = z
  .strictObject({ role: z.enum(ROLES), scope: LeadScopeDto, isDisabled: z.boolean() })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "must name something to change");
export type ChangeUser = z.infer<typeof ChangeUser>;
