import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";

const ONCE_PER_MS = 60_000;
const noted = new Map<string, number>();

/** Notes that a key was used, at most once a minute: a busy key must not become a hot row. */
export async function noteKeyUse(ctx: Ctx): Promise<void> {
  if (ctx.actor.type !== "apiKey") return;
  const now = ctx.clock.now();
  const last = noted.get(ctx.actor.id);
  if (last !== undefined && now.getTime() - last < ONCE_PER_MS) return;
  if (noted.size > 10_000) noted.clear();
  noted.set(ctx.actor.id, now.getTime());
  const id = ctx.actor.id;
  await inTenant(
    { ...ctx, tx: undefined },
    (tx) => tx.$executeRaw`
      UPDATE api_key SET last_used_at = ${now}
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid
        AND (last_used_at IS NULL OR last_used_at < ${now}::timestamptz - interval '1 minute')`,
  );
}
