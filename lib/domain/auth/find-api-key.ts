import { asPlatform } from "../context/in-tenant";

/** A key as the platform plane knows it: enough to prove the caller, nothing of the firm's data. */
export type KeyRecord = {
  id: string;
  tenantId: string;
  secretHash: string;
  scopes: string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
};

/** The key with this key id, of an active firm, or null. Asked on every request, so that a revocation holds from the next one on. */
export const findApiKey = (kid: string): Promise<KeyRecord | null> =>
  asPlatform("find key", async (tx) => {
    const found = await tx.$queryRaw<KeyRecord[]>`
      SELECT k.id, k.tenant_id AS "tenantId", k.secret_hash AS "secretHash", k.scopes,
             k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt"
      FROM api_key k JOIN tenant t ON t.id = k.tenant_id
      WHERE k.kid = ${kid} AND t.status = 'active'`;
    return found[0] ?? null;
  });
