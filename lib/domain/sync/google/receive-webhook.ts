import type { Clock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import { sameSecret, sha256 } from "@/lib/core/secret";
import { inTenant } from "../../context/in-tenant";
import { findWebhookOwners, webhookCtx } from "../../tenants/connections/prove-webhook";
import { takeDelivery } from "../../tenants/connections/take-delivery";

/** What a notification says. It has no body; all of it is in the headers. */
type GoogleNotice = {
  connectionId: string;
  headers: Headers;
  requestId: string;
  clock: Clock;
};

/**
 * Takes a notification that the calendar changed: nothing but a hint to look. Its only proof is the token that we gave the channel, which is compared by digest and in
 * constant time, and for that channel alone. The same notification again changes nothing.
 * @throws AppError `not_found` for a channel that we do not have (any more), `unauthenticated` when the token or the resource is another.
 */
export async function receiveGoogleNotice({ connectionId, headers, requestId, clock }: GoogleNotice): Promise<void> {
  const channelId = headers.get("x-goog-channel-id") ?? "";
  const [owner] = isId(connectionId) ? await findWebhookOwners({ connectionId, provider: "google" }) : [];
  if (!owner || !isId(channelId)) throw unknown();
  const ctx = webhookCtx(owner, requestId, clock);
  const { tenantId } = ctx;
  await inTenant(ctx, async (tx) => {
    const channel = await tx.pushChannel.findFirst({
      where: { tenantId, id: channelId, connectionId, expiresAt: { gt: clock.now() } },
      select: { tokenHash: true, resourceId: true },
    });
    if (!channel) throw unknown();
    const state = headers.get("x-goog-resource-state");
    const isTheirs = sameSecret(sha256(headers.get("x-goog-channel-token") ?? ""), channel.tokenHash);
    // While Google's answer is on its way its resource is not known yet.
    const isResource = channel.resourceId === "" || headers.get("x-goog-resource-id") === channel.resourceId;
    if (!isTheirs || !isResource) throw new AppError("unauthenticated", "This notification is not proven.");
    // The first one only says that the channel is open.
    if (state !== "exists" && state !== "not_exists") return;
    const number = /^\d{1,20}$/.exec(headers.get("x-goog-message-number") ?? "")?.[0];
    if (number === undefined) throw new AppError("invalid_request", "The notification has no number.");
    await takeDelivery(tx, ctx, { provider: "google", connectionId, deliveryKey: `${channelId}:${number}` });
  });
}

const unknown = () => new AppError("not_found", "There is no such channel.");
