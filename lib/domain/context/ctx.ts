import type { Clock } from "@/lib/core/clock";
import type { County } from "@/lib/core/county";
import type { OffenseClass } from "@/lib/core/offense";
import type { Role } from "@/lib/core/role";
import type { Tx } from "@/lib/platform/db";
import type { Permission } from "./permissions";

declare const tenantBrand: unique symbol;
/** A firm's id that a gate has proven: minted only by `lib/http` gates and the job runner. */
export type TenantId = string & { readonly [tenantBrand]: true };

/** The leads that a member may see: those of these counties, with one of these as the gravest charge. An empty list is no limit. */
export type LeadScope = { counties: readonly County[]; classes: readonly OffenseClass[] };

/** Who acts. `id` is a user id, a key id, a service or job name. */
export type Actor =
  | {
      type: "user";
      id: string;
      role: Role;
      sessionId: string;
      /** Absent: sees every lead of the firm. Held by the database too: see in-tenant.ts. */
      scope?: LeadScope;
      /** When the second factor was last shown in this session; what needs a fresh one asks step-up.ts. */
      factorAt?: Date;
      /** When the visit before this one ended, as the gate read it; null or absent on the first visit. */
      previousVisitAt?: Date | null;
    }
  | { type: "apiKey"; id: string; scopes: readonly string[] }
  | { type: "service"; id: string }
  | { type: "webhook"; id: string }
  | { type: "job"; id: string };

/** What every verb takes first: the proven firm, who acts, and the time. `tx` is set when a gate already holds the transaction. */
export type Ctx = {
  readonly tenantId: TenantId;
  readonly actor: Actor;
  readonly requestId: string;
  readonly clock: Clock;
  readonly tx?: Tx;
};

/** Marks an id as proven. Callers are listed in tests/architecture: gates, the runner, seeds and tests. */
export const provenTenant = (id: string): TenantId => id as TenantId;

export type { Permission, Role };
