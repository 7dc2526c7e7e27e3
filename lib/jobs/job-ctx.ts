import { type Clock, systemClock } from "@/lib/core/clock";
import { type Ctx, provenTenant } from "@/lib/domain/context/ctx";
import { asPlatform } from "@/lib/domain/context/in-tenant";
import { causeIdOrNew } from "@/lib/platform/cause";
import { Prisma } from "@/lib/platform/db";

/**
 * The context of work that a job does for a firm. The job's row is the proof: only a verb that had proven the firm could have written it, in its own
 * transaction. What it does carries the id of the request that set it off.
 */
export const jobCtx = (tenantId: string, job: string, clock: Clock = systemClock): Ctx => ({
  tenantId: provenTenant(tenantId),
  actor: { type: "job", id: job },
  requestId: causeIdOrNew(),
  clock,
});

/** The ids of all active firms, for work that goes through all of them; with `shutOnesToo` of suspended and closed ones also, of `among` when given. */
export async function listFirmIds({
  shutOnesToo = false,
  among,
}: {
  shutOnesToo?: boolean | undefined;
  among?: readonly string[];
} = {}): Promise<string[]> {
  const open = shutOnesToo ? Prisma.sql`true` : Prisma.sql`status = 'active'`;
  const these = among ? Prisma.sql`AND id = ANY (${[...among]}::uuid[])` : Prisma.empty;
  const rows = await asPlatform("list firms", (tx) =>
    tx.$queryRaw<{ id: string }[]>(Prisma.sql`SELECT id FROM tenant WHERE ${open} ${these} ORDER BY id`),
  );
  return rows.map((row) => row.id);
}
