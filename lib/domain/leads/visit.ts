import type { BandThresholds } from "@/lib/core/band";
import type { Tx } from "@/lib/platform/db";
import type { Ctx, LeadScope } from "../context/ctx";
import { scopeOf } from "../context/member-scope";

const DAY_MS = 86_400_000;

/** Where "since my last visit" begins: a user's previous visit (a day ago on the first one); null for keys and services, who do not visit. */
export function visitOf({ actor, clock }: Ctx): Date | null {
  if (actor.type !== "user") return null;
  return actor.previousVisitAt ?? new Date(clock.now().getTime() - DAY_MS);
}

/**
 * From where a list is read: the firm's time zone and thresholds, where "since my last visit" begins, and the leads that the reader is limited to.
 */
export type ReadingPlace = {
  timeZone: string;
  thresholds: BandThresholds;
  visitedAt: Date | null;
  scope: LeadScope | null;
};

/** The reading place of the caller. */
export async function findReadingPlace(tx: Tx, ctx: Ctx): Promise<ReadingPlace> {
  const { timeZone, ...thresholds } = await tx.tenant.findUniqueOrThrow({
    where: { id: ctx.tenantId },
    select: { timeZone: true, hotFrom: true, warmFrom: true },
  });
  return { timeZone, thresholds, visitedAt: visitOf(ctx), scope: scopeOf(ctx) };
}
