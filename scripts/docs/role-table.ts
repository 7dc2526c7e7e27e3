import { ROLE_WORDS, ROLES, type Role } from "@/lib/core/role";
import { PERMISSIONS, type Permission } from "@/lib/domain/context/permissions";
import { table } from "./table";

/** What each permission lets a person do, in the order of the page. */
const WORDS: Record<Permission, string> = {
  "leads:read": "Read leads, of the counties and charges that they see",
  "leads:write": "Move leads, add and correct contacts",
  "leads:import": "Bring a list of the firm’s own, and take it back",
  "enrich:run": "Have contacts checked",
  "export:read": "Export leads as CSV",
  "sources:read": "See where leads come from",
  "account:own": "Change their own name, password, authenticator and passkeys",
  "users:manage": "Invite, change and disable users",
  "keys:manage": "Make and revoke API keys",
  "domains:manage": "Add and remove domains",
  "audit:read": "Read the audit trail",
  "connections:manage": "Connect other services and choose what is kept alike there",
  "owners:manage": "Change owners and make somebody owner",
  "leads:ingest": "Post leads",
};

/** Who may what: the permissions that people have, by role. What only a key can do is left out. */
export function roleTable(): string {
  const permissions = (Object.keys(WORDS) as Permission[]).filter((each) => PERMISSIONS[each].length > 0);
  const may = (role: Role, permission: Permission) => (PERMISSIONS[permission] as readonly Role[]).includes(role);
  return table(
    ["", ...ROLES.map((role) => ROLE_WORDS[role].name)],
    permissions.map((permission) => [WORDS[permission], ...ROLES.map((role) => (may(role, permission) ? "yes" : ""))]),
  );
}
