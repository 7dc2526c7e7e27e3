import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

const DAY_MS = 86_400_000;

/** The firm's time zone and where "since my last visit" begins (`findVisit`). */
export async function findReadingPlace(tx: Tx, ctx: Ctx): Promise<{ timeZone: string; visitedAt: Date | null }> {
  const { timeZone } = await tx.tenant.findUniqueOrThrow({ where: { id: ctx.tenantId }, select: { timeZone: true } });
  return { timeZone, visitedAt: await findVisit(tx, ctx) };
}

/** Where "since my last visit" begins: a user's previous visit (a day ago on the first one); null for keys and services. */
export async function findVisit(tx: Tx, ctx: Ctx): Promise<Date | null> {
  if (ctx.actor.type !== "user") return null;
  const [user] = await tx.$queryRaw<{ previous_visit_at: Date | null }[]>`
    SELECT previous_visit_at FROM app_user WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${ctx.actor.id}::uuid`;
  return user?.previous_visit_at ?? new Date(ctx.clock.now().getTime() - DAY_MS);
}
