import type { NewApiKey } from "@/lib/contracts/api-keys";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import type { KeyScope } from "@/lib/core/key-scope";
import { mintApiKey } from "@/lib/core/secret";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { readApiKeys, toApiKeyDto } from "./api-key-row";

/** What a new key can do, and from when to when. */
type NewKey = { name: string; scopes: readonly KeyScope[]; createdAt: Date; expiresAt: Date | null };

/** Writes a new key of the firm. Its text is in the answer and nowhere else. */
export async function insertApiKey(tx: Tx, ctx: Ctx, made: NewKey): Promise<NewApiKey> {
  const { text, kid, secretHash } = mintApiKey();
  const id = newId();
  const { name, scopes, createdAt, expiresAt } = made;
  const createdBy = ctx.actor.type === "user" ? ctx.actor.id : null;
  await tx.$executeRaw`
    INSERT INTO api_key (tenant_id, id, kid, secret_hash, name, scopes, created_at, created_by, expires_at)
    VALUES (${ctx.tenantId}::uuid, ${id}::uuid, ${kid}, ${secretHash}, ${name}, ${[...scopes]}, ${createdAt}, ${createdBy}::uuid, ${expiresAt})`;
  const [row] = await readApiKeys(tx, ctx, Prisma.sql`AND k.id = ${id}::uuid`);
  if (!row) throw new Error("The key that was just written is not there.");
  return { key: toApiKeyDto(row, createdAt), text };
}

/** Changes of a firm's keys wait for each other, so that two at once cannot pass a limit that each of them keeps. */
export async function lockApiKeys(tx: Tx, { tenantId }: Ctx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`api keys|${tenantId}`}, 0))`;
}

/** @throws AppError `not_found`, also for another firm's key. */
export const noSuchKey = (): AppError => new AppError("not_found", "There is no such API key.");
