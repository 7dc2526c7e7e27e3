import { z } from "zod";
import type { Clock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { sha256 } from "@/lib/core/secret";
import { answerChallenge, isFromZoom, sameEvent, ZOOM_EVENTS, ZoomEvent } from "@/lib/integrations/zoom-webhook";
import type { Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import { takeRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { findWebhookOwners, type WebhookOwner, webhookCtx } from "../../tenants/connections/prove-webhook";
import { takeDelivery } from "../../tenants/connections/take-delivery";
import { readSecret } from "../../tenants/integration-secrets";
import { findMeetingLink } from "./meeting-link";

/** A delivery as it came in: the very bytes. `connectionId`: the address named one, so the firm's own app at Zoom sends it. */
export type ZoomHook = {
  raw: Buffer;
  headers: Headers;
  requestId: string;
  clock: Clock;
  connectionId?: string;
};

/** The answer: what proves the address, or nothing but "taken". */
export const ZoomHookReply = z.union([
  z.strictObject({ plainToken: z.string(), encryptedToken: z.string() }),
  z.strictObject({ isTaken: z.literal(true) }),
]);
export type ZoomHookReply = z.infer<typeof ZoomHookReply>;

/**
 * Proves a delivery and stores it for those whose meeting it is about; everything else is answered and forgotten. Zoom's question whether the address is
 * ours is answered at once, whoever asks. Safe to get twice.
 * @throws AppError `unauthenticated` for a wrong or old signature, `not_found` for an unknown connection, `not_configured` without the secret of our app,
 * `invalid_request` for a signed body that is no JSON.
 */
export async function receiveZoomWebhook(hook: ZoomHook): Promise<ZoomHookReply> {
  const own = hook.connectionId === undefined ? null : await findOwnApp(hook, hook.connectionId);
  const secret = own ? own.secret : env().ZOOM_WEBHOOK_SECRET;
  if (!secret)
    throw new AppError("not_configured", "The webhook secret of the Zoom app is not set (see .env.example).");

  const body = jsonOf(hook.raw);
  const answer = answerChallenge(body, secret);
  if (answer) return answer;

  if (!isFromZoom(hook.raw, hook.headers, secret, hook.clock.now()))
    throw new AppError("unauthenticated", "The signature is missing, wrong or too old.");
  if (body === undefined) throw new AppError("invalid_request", "The body is not JSON.");
  const event = eventOf(body);
  if (!event) return { isTaken: true };
  // A firm signs what its own app sends. What is beyond any need is found by the reports of its meetings.
  if (own && !(await takeRate("webhook.connection", own.owner.connectionId)).isAllowed) return { isTaken: true };
  const owners = own ? [own.owner] : await findWebhookOwners({ provider: "zoom", accountId: event.payload.account_id });
  for (const owner of owners) {
    const ctx = webhookCtx(owner, hook.requestId, hook.clock);
    await inTenant(ctx, async (tx) => {
      if (!(await isTheirs(tx, ctx, owner, event, own !== null))) return;
      const deliveryKey = sha256(sameEvent(event));
      const { connectionId } = owner;
      await takeDelivery(tx, ctx, { provider: "zoom", connectionId, deliveryKey, body: hook.raw.toString("utf8") });
    });
  }
  return { isTaken: true };
}

/** The connection of a firm that owns its app at Zoom, with the secret that the app signs with. */
async function findOwnApp(
  { requestId, clock }: ZoomHook,
  connectionId: string,
): Promise<{ owner: WebhookOwner; secret: string }> {
  const [owner] = await findWebhookOwners({ connectionId, provider: "zoom" });
  const ctx = owner && webhookCtx(owner, requestId, clock);
  const secret =
    ctx && (await inTenant(ctx, (tx) => readSecret(tx, ctx, { provider: "zoom", name: "webhook_secret" })));
  if (!owner || !secret) throw new AppError("not_found", "There is nothing here.");
  return { owner, secret };
}

/** Whether an event is about this connection: about its account, and about a meeting that we made for a consultation of this firm. */
async function isTheirs(tx: Tx, ctx: Ctx, owner: WebhookOwner, event: ZoomEvent, isOwnApp: boolean): Promise<boolean> {
  const connection = await tx.connection.findUnique({
    where: { tenantId_id: { tenantId: ctx.tenantId, id: owner.connectionId } },
    select: { accountId: true, mode: true, settings: true },
  });
  if (!connection || connection.accountId !== event.payload.account_id) return false;
  if (event.event !== "app_deauthorized")
    return (await findMeetingLink(tx, ctx, owner.connectionId, event.payload.object.id)) !== null;
  // Taking our app away says nothing about an app that the firm owns, and one person's word nothing about another's of the same account.
  if (isOwnApp !== (connection.mode === "server_to_server")) return false;
  const { userId } = z.object({ userId: z.string().optional() }).parse(connection.settings ?? {});
  return !userId || !event.payload.user_id || userId === event.payload.user_id;
}

function jsonOf(raw: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
  } catch {
    return undefined;
  }
}

function eventOf(body: unknown): ZoomEvent | null {
  const named = z.object({ event: z.string() }).safeParse(body);
  if (!named.success || !ZOOM_EVENTS.includes(named.data.event)) return null;
  const parsed = ZoomEvent.safeParse(body);
  return parsed.success ? parsed.data : null;
}
