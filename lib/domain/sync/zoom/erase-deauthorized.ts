import type { Tx } from "@/lib/platform/db";
import { setMeeting } from "../../bookings/set-meeting";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { findConnection } from "../../tenants/connections/connections";
import { revokeAndErase } from "../../tenants/connections/revoke-and-erase";

const BATCH = 200;

/**
 * Somebody took our app away at Zoom: everything that came from there goes, with the connection, its secrets and its links. What the firm says of a consultation
 * (that the person came) stays: it is the firm's. Safe to run twice; a connection that was made anew since is left alone.
 */
export async function eraseDeauthorized(ctx: Ctx, connectionId: string): Promise<void> {
  const connection = await inTenant(ctx, (tx) => findConnection(tx, ctx, "zoom"));
  if (connection?.id !== connectionId) return;
  while ((await inTenant(ctx, (tx) => eraseLinks(tx, ctx))) === BATCH);
  await inTenant(ctx, (tx) => tx.attendanceInterval.deleteMany({ where: { tenantId: ctx.tenantId } }));
  await revokeAndErase(ctx, "zoom", "deauthorized");
}

/** Takes the links of Zoom off consultations; says of how many. */
async function eraseLinks(tx: Tx, ctx: Ctx): Promise<number> {
  const rows = await tx.consultation.findMany({
    where: { tenantId: ctx.tenantId, joinUrlFrom: "zoom" },
    select: { id: true },
    orderBy: { id: "asc" },
    take: BATCH,
  });
  for (const { id } of rows) await setMeeting(tx, ctx, id, null);
  return rows.length;
}
