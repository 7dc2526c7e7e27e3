import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";

/** More upcoming consultations than any firm has; the comparison of each day finds what is beyond. */
const AT_ONCE = 2000;

/** What stands elsewhere for consultations to come is brought up to date by jobs, which are sent with the change. */
export async function followUpcoming(tx: Tx, { tenantId, clock }: Ctx): Promise<void> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    SELECT id FROM consultation WHERE tenant_id = ${tenantId}::uuid AND state = 'scheduled' AND starts_at > ${clock.now()}
    ORDER BY starts_at LIMIT ${AT_ONCE}`);
  await enqueue(
    tx,
    "sync.consultation",
    rows.map(({ id }) => ({ tenantId, consultationId: id })),
  );
}
