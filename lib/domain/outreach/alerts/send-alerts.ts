import { VendorError } from "@/lib/core/errors";
import { type AlertPost, alertsOf, type Posted } from "@/lib/platform/alerts";
import { Prisma } from "@/lib/platform/db";
import { failureFields, log } from "@/lib/platform/log";
import type { Ctx } from "../../context/ctx";
import { enqueue, enqueueEach } from "../../context/enqueue";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { recordEvent } from "../../events/record-events";
import { type AlertProblem, tryAgainAt } from "./alert-policy";
import { mailOf, textOf } from "./alert-words";
import { type ClaimedMessage, claimMessage } from "./claim-alerts";
import { endAlerts } from "./end-alerts";

/** Messages go out for so long; then what is left gets a job of its own, so that other firms' jobs have their turn. */
const TURN_MS = 30_000;

/**
 * Tells the users who asked of the firm's new HOT leads: one message for each person and way, of all that wait, sent with no transaction open and then noted with
 * its event. Safe to run twice and beside itself. Who dies between sending and noting leaves alerts that are sent once more after their lease: hearing twice is
 * better than never. Needs `leads:read`.
 */
export async function sendAlerts(ctx: Ctx, { post = alertsOf() }: { post?: AlertPost | null } = {}): Promise<void> {
  requirePermission(ctx, "leads:read");
  const began = performance.now();
  while (performance.now() - began < TURN_MS) {
    const claim = await claimMessage(ctx);
    if (!claim) return;
    if (claim.message) await tell(ctx, post, claim.message);
  }
  await inTenant(ctx, (tx) => enqueue(tx, "alerts.send", [{ tenantId: ctx.tenantId }]));
}

async function tell(ctx: Ctx, post: AlertPost | null, message: ClaimedMessage): Promise<void> {
  const sent = post ? await handIn(ctx, post, message) : ({ problem: "no_way" } as const);
  if ("problem" in sent) await giveUp(ctx, message, sent);
  else await noteSent(ctx, message, sent);
}

async function handIn(ctx: Ctx, post: AlertPost, message: ClaimedMessage): Promise<Posted | Failure> {
  const { channel, to, leads, origin } = message;
  try {
    if (channel === "mail") return await post.mail({ to, ...mailOf(leads, origin) });
    return await post.text({ to, text: textOf(leads, origin) });
  } catch (error) {
    return failureOf(ctx, message, error);
  }
}

type Failure = { problem: AlertProblem; retryAfterMs?: number | undefined };

function failureOf(ctx: Ctx, { channel, alerts }: ClaimedMessage, error: unknown): Failure {
  const fields = { tenantId: ctx.tenantId, provider: channel, count: alerts.length, attempt: alerts[0]?.tries };
  if (!(error instanceof VendorError)) {
    log.error("an alert failed on our side", { ...fields, ...failureFields(error) });
    return { problem: "failed" };
  }
  log.warn("an alert came to nothing", { ...fields, kind: error.kind, code: error.code });
  return { problem: error.kind, retryAfterMs: error.retryAfterMs };
}

async function noteSent(ctx: Ctx, { userId, channel, alerts, lease }: ClaimedMessage, { messageId }: Posted) {
  await inTenant(ctx, async (tx) => {
    const noted = await tx.leadAlert.updateMany({
      where: {
        tenantId: ctx.tenantId,
        userId,
        channel,
        leadId: { in: alerts.map(({ leadId }) => leadId) },
        state: "sending",
        dueAt: lease,
      },
      data: { state: "sent", messageId, endedAt: ctx.clock.now() },
    });
    if (noted.count === 0) return;
    const data = { userId, by: channel, leads: noted.count, messageId };
    await recordEvent(tx, ctx, { type: "user.alerted", data });
  });
}

/** Puts alerts that came to nothing off to a later try, with a job for it, or ends them. */
async function giveUp(ctx: Ctx, message: ClaimedMessage, { problem, retryAfterMs }: Failure): Promise<void> {
  const { userId, channel, lease } = message;
  const now = ctx.clock.now();
  // One throw for all, so that what failed together is tried again together.
  const luck = Math.random();
  const fates = message.alerts.map(({ leadId, tries, since }) => ({
    leadId,
    at: tryAgainAt(problem, { tries, since, now, retryAfterMs }, () => luck),
  }));
  await inTenant(ctx, async (tx) => {
    const ended = fates.flatMap(({ leadId, at }) => (at ? [] : [{ leadId, problem }]));
    await endAlerts(tx, ctx, message, ended);
    const later = fates.filter(({ at }) => at !== null);
    if (later.length === 0) return;
    await tx.$executeRaw(Prisma.sql`
      UPDATE lead_alert a SET state = 'waiting', due_at = r.at
      FROM jsonb_to_recordset(${JSON.stringify(later)}::jsonb) AS r("leadId" uuid, at timestamptz)
      WHERE a.tenant_id = ${ctx.tenantId}::uuid AND a.lead_id = r."leadId" AND a.user_id = ${userId}::uuid AND a.channel = ${channel}
        AND a.state = 'sending' AND a.due_at = ${lease}`);
    const times = [...new Set(later.map(({ at }) => at?.getTime() ?? 0))];
    const jobs = times.map((time) => ({ payload: { tenantId: ctx.tenantId }, startAfter: new Date(time) }));
    await enqueueEach(tx, "alerts.send", jobs);
  });
}
