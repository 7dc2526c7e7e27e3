import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import type { AnyEvent } from "../../events/catalog";
import { recordEvents } from "../../events/record-events";
import type { AlertChannel, AlertProblem } from "./alert-policy";

/** Alerts of one person and way that a process holds until `lease`. */
export type HeldAlerts = { userId: string; channel: AlertChannel; lease: Date };

/** What the firm itself decided is not a failure: it is noted at the alert and told to nobody. */
const DECIDED: readonly AlertProblem[] = ["not_asked", "not_theirs", "not_new"];

/** Ends alerts that are given up, each with its reason; failures are recorded as `user.alert_failed`. Those that another process holds by now are left alone. */
export async function endAlerts(
  tx: Tx,
  ctx: Ctx,
  { userId, channel, lease }: HeldAlerts,
  ended: readonly { leadId: string; problem: AlertProblem }[],
): Promise<void> {
  if (ended.length === 0) return;
  const rows = await tx.$queryRaw<{ problem: AlertProblem }[]>(Prisma.sql`
    UPDATE lead_alert a SET state = 'failed', problem = r.problem, ended_at = ${ctx.clock.now()}
    FROM jsonb_to_recordset(${JSON.stringify(ended)}::jsonb) AS r("leadId" uuid, problem text)
    WHERE a.tenant_id = ${ctx.tenantId}::uuid AND a.lead_id = r."leadId" AND a.user_id = ${userId}::uuid AND a.channel = ${channel}
      AND a.state = 'sending' AND a.due_at = ${lease}
    RETURNING a.problem`);
  const failed = Map.groupBy(
    rows.filter(({ problem }) => !DECIDED.includes(problem)),
    ({ problem }) => problem,
  );
  await recordEvents(
    tx,
    ctx,
    [...failed].map(
      ([problem, { length: leads }]): AnyEvent => ({
        type: "user.alert_failed",
        data: { userId, by: channel, leads, problem },
      }),
    ),
  );
}
