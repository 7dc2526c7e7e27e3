import type { LeadScope, Role } from "@/lib/domain/context/ctx";

/** The scopes of a demo firm's key. */
export const DEMO_SCOPES = ["leads:ingest", "enrich:run", "leads:read", "leads:write", "export:read"] as const;

export type SeedUser = { id: string; name: string; role: Role; scope?: LeadScope };

/** The further users of smithlaw, by their role: who manages, who sees one county only, who may only look. */
export const SMITHLAW_USERS = {
  admin: { id: "01900000-0000-7000-8000-000000000112", name: "Noor Manager", role: "admin" },
  attorney: {
    id: "01900000-0000-7000-8000-000000000122",
    name: "Elia Barrister",
    role: "attorney",
    scope: { counties: ["Travis"], classes: [] },
  },
  viewer: { id: "01900000-0000-7000-8000-000000000132", name: "Kim Onlooker", role: "viewer" },
} as const satisfies Record<string, SeedUser>;

/** The three firms of the demonstration with fixed ids: empty, typical and awkward. Every person is invented. */
export const SEED_FIRMS = {
  cleanslate: {
    id: "01900000-0000-7000-8000-000000000001",
    name: "Clean Slate Defense",
    user: { id: "01900000-0000-7000-8000-000000000101", name: "Avery Blank", role: "owner" },
    keyId: "01900000-0000-7000-8000-000000000201",
  },
  smithlaw: {
    id: "01900000-0000-7000-8000-000000000002",
    name: "Smith Law",
    user: { id: "01900000-0000-7000-8000-000000000102", name: "Dana Counsel", role: "owner" },
    keyId: "01900000-0000-7000-8000-000000000202",
  },
  riverbend: {
    id: "01900000-0000-7000-8000-000000000003",
    name: "Riverbend & Ñandú, PLLC",
    user: { id: "01900000-0000-7000-8000-000000000103", name: "Robin Ó Paralegal-Testerly", role: "owner" },
    keyId: "01900000-0000-7000-8000-000000000203",
  },
} as const satisfies Record<string, { id: string; name: string; user: SeedUser; keyId: string }>;

export type SeedFirm = keyof typeof SEED_FIRMS;
