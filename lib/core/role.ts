/** What a user is in a firm, the most trusted first. What each may do is in lib/domain/context/permissions.ts. */
export const ROLES = ["owner", "admin", "attorney", "staff", "viewer"] as const;
export type Role = (typeof ROLES)[number];

/** A role as people read it, and what it means in a line. */
export const ROLE_WORDS: Record<Role, { name: string; meaning: string }> = {
  owner: { name: "Owner", meaning: "Everything, and gives or takes the role of owner." },
  admin: { name: "Admin", meaning: "Works leads; manages users, keys, domains and reads the audit trail." },
  attorney: { name: "Attorney", meaning: "Works leads and exports them; can be limited to counties and charges." },
  staff: { name: "Staff", meaning: "Intake and paralegals: may what an attorney may." },
  viewer: { name: "Viewer", meaning: "Reads leads and changes nothing; can be limited too." },
};

/** Roles that always see the whole firm: they are given no counties or charges. */
export const UNLIMITED_ROLES: readonly Role[] = ["owner", "admin"];
