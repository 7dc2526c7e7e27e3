import { AppError } from "@/lib/core/errors";
import { sha256 } from "@/lib/core/secret";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { scopeOf } from "@/lib/domain/context/member-scope";
import { decryptField, encryptField } from "@/lib/platform/crypto";
import type { Tx } from "@/lib/platform/db";
import type { Reply } from "./respond";

/** How long a reply is kept for a client that lost it. */
const KEEP_HOURS = 24;

/** The key of a request that wants to be repeatable, or null. */
export function idempotencyKeyOf(request: Request): string | null {
  const key = request.headers.get("idempotency-key");
  if (key === null) return null;
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AppError("invalid_request", "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.");
}

/** What makes two requests the same: the caller, the route and the key; the digest tells whether the payload is the same too. */
export type IdempotentRequest = { route: string; key: string; digest: string };

/**
 * Does the work once per key. The record of the reply is written in the transaction of the work itself, which the verb joins through `ctx.tx`: a
 * crash leaves neither. While one request works, a second one with its key gets 409 and may ask again in a second. Only 2xx is kept.
 *
 * A member who has been given other counties or charges since is making another request: the kept reply may show a lead that is no longer theirs.
 */
export async function doOnce(ctx: Ctx, asked: IdempotentRequest, work: (ctx: Ctx) => Promise<Reply>): Promise<Reply> {
  const { actor, tenantId } = ctx;
  const caller = `${actor.type}:${actor.id}`;
  const lockName = `idempotency|${tenantId}|${caller}|${asked.route}|${asked.key}`;
  const scope = scopeOf(ctx);
  const requestHash = sha256(`${asked.route}|${asked.digest}${scope ? `|${JSON.stringify(scope)}` : ""}`);
  return inTenant(ctx, async (tx) => {
    const [lock] = await tx.$queryRaw<{ taken: boolean }[]>`
      SELECT pg_try_advisory_xact_lock(hashtextextended(${lockName}, 0)) AS taken`;
    if (!lock?.taken) {
      const detail = "A request with this Idempotency-Key is still being worked on.";
      throw new AppError("conflict", detail, { retryAfterSeconds: 1 });
    }
    const now = ctx.clock.now();
    const earlier = await tx.idempotencyKey.findFirst({
      where: { tenantId, caller, route: asked.route, key: asked.key, expiresAt: { gt: now } },
    });
    if (earlier) {
      if (earlier.requestHash === requestHash)
        return replay(earlier.status, decryptField(earlier.bodyCipher, placeOf(tenantId, caller, asked)));
      throw new AppError("unprocessable", "This Idempotency-Key was used for another request.", {
        invalidParams: [{ name: "Idempotency-Key", reason: "was used with another payload" }],
      });
    }
    const reply = await work({ ...ctx, tx });
    if (reply.status >= 200 && reply.status < 300 && !reply.isShownOnce)
      await keep(tx, { ...asked, tenantId, caller, requestHash, reply, now });
    return reply;
  });
}

/** Where a kept reply is sealed: it can hold a contact or a name, which rest nowhere in the clear. */
const placeOf = (tenantId: string, caller: string, { route, key }: Pick<IdempotentRequest, "route" | "key">) =>
  ({ tenantId, table: "idempotency_key", column: "body_cipher", rowId: `${caller}|${route}|${key}` }) as const;

const replay = (status: number, body: string): Reply => ({
  status,
  body,
  headers: { "idempotency-replayed": "true" },
});

type Kept = {
  tenantId: string;
  caller: string;
  route: string;
  key: string;
  requestHash: string;
  reply: Reply;
  now: Date;
};

async function keep(tx: Tx, row: Kept): Promise<void> {
  const body = encryptField(row.reply.body, placeOf(row.tenantId, row.caller, row));
  const expiresAt = new Date(row.now.getTime() + KEEP_HOURS * 3_600_000);
  // Rows that another request is removing are skipped: tidying must never make two requests wait for each other.
  await tx.$executeRaw`
    DELETE FROM idempotency_key WHERE (tenant_id, caller, route, key) IN (
      SELECT tenant_id, caller, route, key FROM idempotency_key
      WHERE tenant_id = ${row.tenantId}::uuid AND expires_at <= ${row.now} LIMIT 20 FOR UPDATE SKIP LOCKED)`;
  await tx.$executeRaw`
    INSERT INTO idempotency_key (tenant_id, caller, route, key, request_hash, status, body_cipher, created_at, expires_at)
    VALUES (${row.tenantId}::uuid, ${row.caller}, ${row.route}, ${row.key}, ${row.requestHash}, ${row.reply.status},
            ${body}, ${row.now}, ${expiresAt})
    ON CONFLICT (tenant_id, caller, route, key) DO UPDATE SET request_hash = EXCLUDED.request_hash,
      status = EXCLUDED.status, body_cipher = EXCLUDED.body_cipher, created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at`;
}
