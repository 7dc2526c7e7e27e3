import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

const DAY_MS = 86_400_000;

/** Where "since my last visit" begins: a user's previous visit (a day ago on the first one); null for keys and services, who do not visit. */
export function visitOf({ actor, clock }: Ctx): Date | null {
  if (actor.type !== "user") return null;
  return actor.previousVisitAt ?? new Date(clock.now().getTime() - DAY_MS);
}

/** The firm's time zone and where "since my last visit" begins. */
export async function findReadingPlace(tx: Tx, ctx: Ctx): Promise<{ timeZone: string; visitedAt: Date | null }> {
  const { timeZone } = await tx.tenant.findUniqueOrThrow({ where: { id: ctx.tenantId }, select: { timeZone: true } });
  return { timeZone, visitedAt: visitOf(ctx) };
}
