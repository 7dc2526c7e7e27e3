import type { Clock } from "@/lib/core/clock";
import type { ConnectorName } from "@/lib/core/connectors";
import { Prisma } from "@/lib/platform/db";
import { type Ctx, provenTenant } from "../../context/ctx";
import { asPlatform } from "../../context/in-tenant";

/** A connection that a webhook may be for, and whose it is. Nothing is proven by it until the signature is. */
export type WebhookOwner = { tenantId: string; connectionId: string; provider: ConnectorName };

/**
 * Whose webhook it is: by the connection that its address names, or by the account that its body names, which several firms may share. Empty when nobody has
 * connected it.
 */
export async function findWebhookOwners(
  by: { connectionId: string; provider?: ConnectorName } | { provider: ConnectorName; accountId: string },
): Promise<WebhookOwner[]> {
  const condition =
    "connectionId" in by
      ? Prisma.sql`id = ${by.connectionId}::uuid ${by.provider ? Prisma.sql`AND provider = ${by.provider}` : Prisma.empty}`
      : Prisma.sql`provider = ${by.provider} AND account_id = ${by.accountId}`;
  return asPlatform("find webhook owner", (tx) =>
    tx.$queryRaw<WebhookOwner[]>(
      Prisma.sql`SELECT tenant_id AS "tenantId", id AS "connectionId", provider FROM connection WHERE ${condition} ORDER BY tenant_id LIMIT 100`,
    ),
  );
}

/**
 * The context of a delivery for one of its owners. Before the signature is proven it is for one thing: reading the secret that the signature is proven with.
 */
export const webhookCtx = (owner: WebhookOwner, requestId: string, clock: Clock): Ctx => ({
  tenantId: provenTenant(owner.tenantId),
  actor: { type: "webhook", id: owner.provider },
  requestId,
  clock,
});
