import { type AcuityWebhook, createWebhook, deleteWebhook, listWebhooks } from "@/lib/integrations/acuity";
import { requireEnv } from "@/lib/platform/env";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { withAccess } from "../../tenants/connections/with-access";
import type { SyncResource } from "../sync-provider";
import { recordFetch, recordWrite } from "./record-exchange";

const DAY_MS = 86_400_000;

/** It fires for every change, the others beside it would only be doubles. */
const EVENT = "appointment.changed";

const targetOf = (connectionId: string): string =>
  `${requireEnv("APP_BASE_URL").replace(/\/$/, "")}/api/webhooks/acuity/${connectionId}`;

/** Looks each day whether Acuity still tells us: it switches a webhook off after days of failure, and anybody in the office can remove it. */
export const WEBHOOKS: SyncResource = {
  name: "webhooks",
  everyMs: DAY_MS,
  pull: async (ctx, turn) => {
    await keepWebhooks(ctx, turn.connectionId);
    await inTenant(ctx, (tx) => turn.advance(tx, { position: {}, isDone: true }));
  },
};

/**
 * Sees to it that exactly one webhook of ours is there and alive: makes the one that is missing, then removes what is double, dead or for another event. Others'
 * webhooks are left alone. Safe to run twice, also at once: of several the oldest stays.
 */
export async function keepWebhooks(ctx: Ctx, connectionId: string): Promise<void> {
  const ours = await listOurs(ctx, connectionId);
  const [kept] = ours
    .filter(({ event, isActive }) => event === EVENT && isActive)
    .toSorted((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
  if (!kept) {
    const made = await withAccess(ctx, "acuity", (access) => createWebhook(access, EVENT, targetOf(connectionId)));
    await inTenant(ctx, (tx) =>
      recordWrite(tx, ctx, { connectionId, resource: "webhooks", action: "created", externalId: made.id }),
    );
  }
  await removeEach(
    ctx,
    connectionId,
    ours.filter((each) => each.id !== kept?.id),
  );
}

/** Ends what we subscribed to. */
export async function endWebhooks(ctx: Ctx, connectionId: string): Promise<void> {
  await removeEach(ctx, connectionId, await listOurs(ctx, connectionId));
}

async function listOurs(ctx: Ctx, connectionId: string): Promise<AcuityWebhook[]> {
  const all = await withAccess(ctx, "acuity", listWebhooks);
  const items = all.length;
  await inTenant(ctx, (tx) => recordFetch(tx, ctx, { connectionId, resource: "webhooks", items, because: "schedule" }));
  return all.filter(({ target }) => target === targetOf(connectionId));
}

async function removeEach(ctx: Ctx, connectionId: string, webhooks: readonly AcuityWebhook[]): Promise<void> {
  for (const { id } of webhooks) {
    await withAccess(ctx, "acuity", (access) => deleteWebhook(access, id));
    await inTenant(ctx, (tx) =>
      recordWrite(tx, ctx, { connectionId, resource: "webhooks", action: "removed", externalId: id }),
    );
  }
}
