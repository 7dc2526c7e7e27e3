import { newId } from "@/lib/core/ids";
import { decryptField, encryptField } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { requireFreshFactor } from "../context/step-up";

/** Which secret of which service: `zoom`, `refresh_token`. */
export type SecretName = { provider: string; name: string };

const placeOf = (tenantId: string, rowId: string) =>
  ({ tenantId, table: "integration_secret", column: "value_cipher", rowId }) as const;

/**
 * Keeps what an integration of the firm signs in with, sealed, in the place of what was kept before. Called by the verb that connects the service, which asks
 * for the permission and records the event. A person needs a fresh factor; a job that was handed a new token has none to show.
 */
export async function keepSecret(tx: Tx, ctx: Ctx, { provider, name }: SecretName, value: string): Promise<void> {
  requireFreshFactor(ctx);
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  const id = newId();
  const added = await tx.$executeRaw`
    INSERT INTO integration_secret (tenant_id, id, provider, name, value_cipher, created_at, updated_at)
    VALUES (${tenantId}::uuid, ${id}::uuid, ${provider}, ${name}, ${encryptField(value, placeOf(tenantId, id))}, ${now}, ${now})
    ON CONFLICT (tenant_id, provider, name) DO NOTHING`;
  if (added > 0) return;
  // A ciphertext is bound to its row, so the row has to be known, and to stay, before it is made.
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM integration_secret
    WHERE tenant_id = ${tenantId}::uuid AND provider = ${provider} AND name = ${name} FOR UPDATE`;
  if (!row) return keepSecret(tx, ctx, { provider, name }, value);
  const valueCipher = encryptField(value, placeOf(tenantId, row.id));
  await tx.integrationSecret.updateMany({ where: { tenantId, id: row.id }, data: { valueCipher, updatedAt: now } });
}

/** The secret in the clear, or null when none is kept. For the moment of the call that needs it, never for a page. */
export async function readSecret(tx: Tx, { tenantId }: Ctx, { provider, name }: SecretName): Promise<string | null> {
  const row = await tx.integrationSecret.findUnique({
    where: { tenantId_provider_name: { tenantId, provider, name } },
    select: { id: true, valueCipher: true },
  });
  return row && decryptField(row.valueCipher, placeOf(tenantId, row.id));
}

/** Deletes every secret of a service; says how many there were. A person needs a fresh factor. */
export async function forgetSecrets(tx: Tx, ctx: Ctx, provider: string): Promise<number> {
  requireFreshFactor(ctx);
  const { count } = await tx.integrationSecret.deleteMany({ where: { tenantId: ctx.tenantId, provider } });
  return count;
}
