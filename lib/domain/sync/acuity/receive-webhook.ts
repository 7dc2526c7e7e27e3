import type { Clock } from "@/lib/core/clock";
import { AppError } from "@/lib/core/errors";
import { isSignedByAcuity } from "@/lib/integrations/acuity-webhook";
import { env } from "@/lib/platform/env";
import { log } from "@/lib/platform/log";
import { takeOnce, takeRate } from "@/lib/platform/rate-limit";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { findConnection } from "../../tenants/connections/connections";
import { findWebhookOwners, webhookCtx } from "../../tenants/connections/prove-webhook";
import { readSecret } from "../../tenants/integration-secrets";
import { wake } from "../wake";
import { noteHint } from "./booking-hint";
import { APPOINTMENTS } from "./reconcile";

/** A webhook as it came in. `connectionId` is the address that it was sent to. */
export type AcuityHook = { raw: Buffer; headers: Headers; connectionId: string; requestId: string; clock: Clock };

/** What we do about each kind: `changed` fires beside all the others, but somebody may subscribe to those by hand. */
const ACTIONS = ["scheduled", "rescheduled", "canceled", "changed"];

/**
 * Takes a webhook of Acuity: proves the signature over the raw bytes, and notes which appointment to look at. Nothing is asked of Acuity here, and nothing of what
 * was said is believed: only the appointment, fetched by a job, counts, so an old or repeated webhook changes nothing. Says whether a look was enqueued.
 *
 * Whoever signs may be the firm itself, with the key of its account: beyond what a firm can need, everything is compared once in a while instead.
 *
 * A firm that is suspended or closed gets its webhooks taken and thrown away, since a refusal would make Acuity switch them off after some days; what
 * happened meanwhile is found by the next reconciliation once the firm is open again.
 * @throws AppError `not_found` for an unknown connection, `unauthenticated` for another signature, `not_configured` when nothing is there to prove it with
 */
export async function receiveAcuityWebhook({ raw, headers, connectionId, ...when }: AcuityHook): Promise<boolean> {
  const [owner] = await findWebhookOwners({ connectionId, provider: "acuity" });
  if (!owner) throw new AppError("not_found", "There is nothing here.");
  const ctx = webhookCtx(owner, when.requestId, when.clock);
  const keys = await inTenant(ctx, (tx) => readKeys(tx, ctx));
  if (!isSignedByAcuity(raw, headers.get("x-acuity-signature"), keys)) {
    log.warn("a webhook has a wrong signature", { provider: "acuity", tenantId: ctx.tenantId });
    throw new AppError("unauthenticated", "The signature is not right.");
  }
  const sourceId = readSource(raw);
  if (sourceId === null) return false;
  const isRoom = (await takeRate("webhook.connection", connectionId)).isAllowed;
  if (!isRoom && !(await takeOnce("webhook.wake", connectionId, WAKE_SECONDS))) return false;
  return inTenant(ctx, async (tx) => {
    const firm = await tx.tenant.findUnique({ where: { id: ctx.tenantId }, select: { status: true } });
    if (firm?.status !== "active") return false;
    if (isRoom) return noteHint(tx, ctx, { connectionId, sourceId });
    await wake(tx, ctx, "acuity", APPOINTMENTS.name);
    return false;
  });
}

/** How often those who tell too much have everything compared. */
const WAKE_SECONDS = 60;

type Tx = Parameters<Parameters<typeof inTenant>[1]>[0];

/** What may have signed: the account's API key, or for an app one of the secrets that we share with Acuity. */
async function readKeys(tx: Tx, ctx: Ctx): Promise<string[]> {
  const connection = await findConnection(tx, ctx, "acuity");
  const { ACUITY_WEBHOOK_SECRET: own, ACUITY_CLIENT_SECRET: client } = env();
  const found =
    connection?.mode === "api_key"
      ? [await readSecret(tx, ctx, { provider: "acuity", name: "api_key" })]
      : [own, client];
  const keys = found.filter((key) => typeof key === "string" && key !== "") as string[];
  if (keys.length === 0) throw new AppError("not_configured", "There is nothing to prove this webhook with.");
  return keys;
}

/** The appointment that is spoken of; null for orders and whatever else Acuity tells one day. */
function readSource(raw: Buffer): string | null {
  const form = new URLSearchParams(raw.toString("utf8"));
  const action = (form.get("action") ?? "").replace(/^appointment\./, "");
  const id = form.get("id") ?? "";
  return ACTIONS.includes(action) && /^\d{1,20}$/.test(id) ? id : null;
}
