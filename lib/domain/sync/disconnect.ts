import { setTimeout as pause } from "node:timers/promises";
import type { ConnectorName } from "@/lib/core/connectors";
import { AppError } from "@/lib/core/errors";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { requireFreshFactor } from "../context/step-up";
import { findConnection } from "../tenants/connections/connections";
import { revokeAndErase } from "../tenants/connections/revoke-and-erase";
import { SYNC_PROVIDERS } from "./providers";
import type { SyncProviders } from "./sync-provider";

/** A service that does not answer must not keep a firm from leaving it. */
const LEAVE_MS = 10_000;

/**
 * Disconnects a service: ends what it tells us by itself, gives the access back and erases everything that was kept of the connection. What the service says to
 * that holds nothing up. Consultations stay: they are the firm's, without what came from there alone. Needs `connections:manage` and a fresh factor; no transaction may be open.
 * @throws AppError `not_found` when it is not connected
 */
export async function disconnect(
  ctx: Ctx,
  provider: ConnectorName,
  providers: SyncProviders = SYNC_PROVIDERS,
): Promise<void> {
  requirePermission(ctx, "connections:manage");
  requireFreshFactor(ctx);
  const row = await inTenant(ctx, (tx) => findConnection(tx, ctx, provider));
  if (!row) throw notThere();
  if (row.state === "connected") await leave(ctx, provider, row.id, providers);
  await providers[provider]?.forget?.(ctx);
  if (!(await revokeAndErase(ctx, provider, "asked"))) throw notThere();
}

async function leave(ctx: Ctx, provider: ConnectorName, connectionId: string, providers: SyncProviders): Promise<void> {
  const over = new AbortController();
  try {
    const done = await Promise.race([
      providers[provider]?.leave?.(ctx, connectionId).then(() => true) ?? true,
      pause(LEAVE_MS, false, { signal: over.signal }),
    ]);
    if (!done) log.warn("a service did not let us go in time", { tenantId: ctx.tenantId, provider });
  } catch (error) {
    log.warn("a service did not let us go", { tenantId: ctx.tenantId, provider, ...failureFields(error) });
  } finally {
    over.abort();
  }
}

const notThere = (): AppError => new AppError("not_found", "This service is not connected.");
