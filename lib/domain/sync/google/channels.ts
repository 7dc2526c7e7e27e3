import { VendorError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { randomToken, sha256 } from "@/lib/core/secret";
import { type GoogleAccess, stopChannel, watchEvents } from "@/lib/integrations/google-calendar";
import type { Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { withAccess } from "../../tenants/connections/with-access";
import type { Turn } from "../sync-provider";
import { calendarIdOf } from "./event-content";

/** How long a channel is asked for; Google may give less, and says so. */
const ASKED_MS = 7 * 86_400_000;

type Channel = { id: string; calendarId: string; resourceId: string; createdAt: Date; expiresAt: Date };

/** After connecting: Google tells us when the calendar changes. Safe to run twice. */
export async function beginWatching(ctx: Ctx, connectionId: string): Promise<void> {
  await withAccess(ctx, "google", (access) => renew(ctx, connectionId, access));
}

/** Makes the successor of a channel in good time, since none renews itself. */
export async function pullChannel(ctx: Ctx, turn: Turn): Promise<void> {
  await beginWatching(ctx, turn.connectionId);
  await inTenant(ctx, (tx) => turn.advance(tx, { position: {}, isDone: true }));
}

/** Before the access is given back: every channel ends. One that cannot be stopped finds nobody any more and ends by itself. */
export async function stopWatching(ctx: Ctx, connectionId: string): Promise<void> {
  const channels = await inTenant(ctx, (tx) => channelsOf(tx, ctx, connectionId));
  if (channels.length === 0) return;
  await forget(ctx, channels);
  await withAccess(ctx, "google", (access) => stopAll(ctx, connectionId, access, channels));
}

async function renew(ctx: Ctx, connectionId: string, access: GoogleAccess): Promise<void> {
  const calendarId = calendarIdOf(access);
  const now = ctx.clock.now();
  const channels = await inTenant(ctx, (tx) => channelsOf(tx, ctx, connectionId));
  const good = channels.find((channel) => channel.calendarId === calendarId && isYoung(channel, now));
  const successor = good ?? (await open(ctx, { connectionId, calendarId, access }));
  if (!successor) return;
  // The new one first, then the old ones: what is told twice does no harm, what is told to nobody does.
  const old = channels.filter(({ id }) => id !== successor.id);
  if (old.length === 0) return;
  await stopAll(ctx, connectionId, access, old);
  await forget(ctx, old);
}

/** Not half over yet: then there is time for many tries before it ends. */
const isYoung = ({ resourceId, createdAt, expiresAt }: Channel, now: Date): boolean =>
  resourceId !== "" && now.getTime() < (createdAt.getTime() + expiresAt.getTime()) / 2;

type Opening = { connectionId: string; calendarId: string; access: GoogleAccess };

/** Null when Google does not take our address (it wants https): then the clock alone has to do. */
async function open(ctx: Ctx, { connectionId, calendarId, access }: Opening): Promise<Channel | null> {
  const id = newId();
  const token = randomToken();
  const createdAt = ctx.clock.now();
  const asked: Channel = {
    id,
    calendarId,
    // Known when Google answers, and its first word may be faster than its answer.
    resourceId: "",
    createdAt,
    expiresAt: new Date(createdAt.getTime() + ASKED_MS),
  };
  const keep = (tx: Tx, channel: Channel) =>
    tx.pushChannel.create({ data: { tenantId: ctx.tenantId, connectionId, tokenHash: sha256(token), ...channel } });
  await inTenant(ctx, (tx) => keep(tx, asked));
  try {
    const address = `${env().APP_BASE_URL.replace(/\/$/, "")}/api/webhooks/google/${connectionId}`;
    const { resourceId, expiresAt } = await watchEvents(access, {
      calendarId,
      id,
      address,
      token,
      expiresAt: asked.expiresAt,
    });
    const channel = { ...asked, resourceId, expiresAt };
    await inTenant(ctx, async (tx) => {
      await tx.pushChannel.deleteMany({ where: { tenantId: ctx.tenantId, id } });
      await keep(tx, channel);
      await recordEvent(tx, ctx, {
        type: "sync.written",
        data: { connectionId, provider: "google", resource: "channel", action: "created", externalId: id },
      });
    });
    return channel;
  } catch (error) {
    await forget(ctx, [asked]);
    if (!(error instanceof VendorError && error.kind === "rejected" && error.status === 400)) throw error;
    log.warn("a calendar tells us nothing by itself", { provider: "google", code: error.code, tenantId: ctx.tenantId });
    return null;
  }
}

async function stopAll(
  ctx: Ctx,
  connectionId: string,
  access: GoogleAccess,
  channels: readonly Channel[],
): Promise<void> {
  for (const { id, resourceId } of channels) {
    if (resourceId === "") continue;
    await stopChannel(access, { id, resourceId });
    const data = { connectionId, provider: "google", resource: "channel", action: "removed", externalId: id } as const;
    await inTenant(ctx, (tx) => recordEvent(tx, ctx, { type: "sync.written", data }));
  }
}

async function forget(ctx: Ctx, channels: readonly Pick<Channel, "id">[]): Promise<void> {
  const { tenantId } = ctx;
  await inTenant(ctx, (tx) =>
    tx.pushChannel.deleteMany({ where: { tenantId, id: { in: channels.map(({ id }) => id) } } }),
  );
}

const channelsOf = (tx: Tx, { tenantId }: Ctx, connectionId: string): Promise<Channel[]> =>
  tx.pushChannel.findMany({
    where: { tenantId, connectionId },
    select: { id: true, calendarId: true, resourceId: true, createdAt: true, expiresAt: true },
    orderBy: { createdAt: "desc" },
  });
