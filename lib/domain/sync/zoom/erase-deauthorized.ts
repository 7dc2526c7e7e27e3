import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { findConnection } from "../../tenants/connections/connections";
import { revokeAndErase } from "../../tenants/connections/revoke-and-erase";
import { forgetMeetings } from "./forget-meetings";

/**
 * Somebody took our app away at Zoom at `at`: everything that came from there goes, with the connection, its secrets and its links. What the firm says of a
 * consultation (that the person came) stays: it is the firm's. Safe to run twice; a connection that was made again since is left alone, however late this is heard.
 */
export async function eraseDeauthorized(ctx: Ctx, connectionId: string, at: Date): Promise<void> {
  const isGone = async (tx: Tx): Promise<boolean> => {
    const connection = await findConnection(tx, ctx, "zoom");
    if (connection?.id !== connectionId) return false;
    const madeAt = await lastMadeAt(tx, ctx, connectionId);
    return at >= connection.connectedAt && (madeAt === null || at >= madeAt);
  };
  if (!(await inTenant(ctx, isGone))) return;
  await forgetMeetings(ctx);
  await revokeAndErase(ctx, "zoom", "deauthorized", async (tx, id) => {
    // Whoever connects again at this moment waits here, or has done it.
    await tx.$queryRaw`SELECT 1 FROM connection WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid FOR UPDATE`;
    return isGone(tx);
  });
}

/** When somebody last said yes: a connection that is made again with the same account keeps its row. */
async function lastMadeAt(tx: Tx, { tenantId }: Ctx, connectionId: string): Promise<Date | null> {
  const [row] = await tx.$queryRaw<{ at: Date }[]>(Prisma.sql`
    SELECT occurred_at AS at FROM event WHERE tenant_id = ${tenantId}::uuid AND type = 'connection.made' AND data->>'connectionId' = ${connectionId}
    ORDER BY occurred_at DESC LIMIT 1`);
  return row?.at ?? null;
}
