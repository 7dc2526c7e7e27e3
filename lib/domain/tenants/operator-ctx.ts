import type { Clock } from "@/lib/core/clock";
import { type Ctx, provenTenant } from "../context/ctx";

declare const operatorBrand: unique symbol;
/** Whoever runs the platform. Minted by their own door, and by commands that hold the database's address. */
export type Operator = { readonly requestId: string; readonly clock: Clock; readonly [operatorBrand]: true };

/** Marks the operator as proven. Callers are listed in tests/architecture. */
export const provenOperator = (requestId: string, clock: Clock): Operator => ({ requestId, clock }) as Operator;

/** What the operator does to one firm, in that firm's own chain of events: it can always see who opened, shut or took along what. */
export const operatorCtx = ({ requestId, clock }: Operator, tenantId: string): Ctx => ({
  tenantId: provenTenant(tenantId),
  actor: { type: "service", id: "operator" },
  requestId,
  clock,
});
