import type { ConnectorName } from "@/lib/core/connectors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { requireFreshFactor } from "../../context/step-up";
import { recordEvent } from "../../events/record-events";
import { forgetSecrets } from "../integration-secrets";
import { findConnection } from "./connections";
import { revokeHeld } from "./revoke-held";

/** Asked in the transaction that erases: whether it is still this connection that has to go. */
type MayErase = (tx: Tx, connectionId: string) => Promise<boolean>;

/**
 * Takes a connection away: its access is given back to the service, then its secrets, cursors, links and everything else that hangs on it are erased, whatever the
 * service said. `deauthorized`: the other side took the access away itself, so there is nothing to give back. False when there is no such connection. Needs
 * `connections:manage` and a fresh factor; no transaction may be open.
 */
export async function revokeAndErase(
  ctx: Ctx,
  provider: ConnectorName,
  because: "asked" | "deauthorized",
  mayErase: MayErase = async () => true,
): Promise<boolean> {
  requirePermission(ctx, "connections:manage");
  requireFreshFactor(ctx);
  if (ctx.tx) throw new Error("A service is never asked inside a transaction.");
  const row = await inTenant(ctx, (tx) => findConnection(tx, ctx, provider));
  if (!row) return false;
  const isRevoked = because === "deauthorized" || (await revokeHeld(ctx, row));
  return inTenant(ctx, async (tx) => {
    if (!(await mayErase(tx, row.id))) return false;
    // The row goes first: whoever renews a token at this moment waits for it, and then finds that there is nothing to keep it for.
    const { count } = await tx.connection.deleteMany({ where: { tenantId: ctx.tenantId, id: row.id } });
    if (count === 0) return false;
    await forgetSecrets(tx, ctx, provider);
    await tx.oauthAttempt.deleteMany({ where: { tenantId: ctx.tenantId, provider } });
    const data = { connectionId: row.id, provider, because, isRevoked };
    await recordEvent(tx, ctx, { type: "connection.removed", data });
    return true;
  });
}
