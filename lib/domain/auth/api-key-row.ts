import type { ApiKeyDto } from "@/lib/contracts/api-keys";
import type { KeyScope } from "@/lib/core/key-scope";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** A key as the firm's own pages know it; never its secret, of which there is only a digest. */
export type ApiKeyRow = {
  id: string;
  kid: string;
  name: string;
  scopes: KeyScope[];
  createdAt: Date;
  createdBy: string | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  replacedBy: string | null;
};

/** True while the key opens anything. */
export const isKeyActive = ({ revokedAt, expiresAt }: Pick<ApiKeyRow, "revokedAt" | "expiresAt">, now: Date): boolean =>
  !revokedAt && (!expiresAt || expiresAt > now);

const COLUMNS = Prisma.sql`k.id, k.kid, k.name, k.scopes, k.created_at AS "createdAt", u.name AS "createdBy", k.expires_at AS "expiresAt",
  k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt", k.replaced_by AS "replacedBy"`;

/** Keys of the firm with the name of whoever made them; `rest` is what follows WHERE the firm is this one. */
export const readApiKeys = (tx: Tx, ctx: Ctx, rest: Prisma.Sql): Promise<ApiKeyRow[]> =>
  tx.$queryRaw<ApiKeyRow[]>(Prisma.sql`
    SELECT ${COLUMNS} FROM api_key k LEFT JOIN app_user u ON u.tenant_id = k.tenant_id AND u.id = k.created_by
    WHERE k.tenant_id = ${ctx.tenantId}::uuid ${rest}`);

/** The key as the wire has it. */
export const toApiKeyDto = (row: ApiKeyRow, now: Date): ApiKeyDto => ({
  id: row.id,
  name: row.name,
  prefix: `arl_live_${row.kid}`,
  scopes: row.scopes,
  state: row.revokedAt ? "revoked" : isKeyActive(row, now) ? "active" : "expired",
  createdAt: row.createdAt.toISOString(),
  createdBy: row.createdBy,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  revokedAt: row.revokedAt?.toISOString() ?? null,
  replacedBy: row.replacedBy,
});
