import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { TEXT_DAY_MS, TEXTS_A_DAY } from "./alert-policy";
import type { HeldAlerts } from "./end-alerts";

/**
 * Whether the person or the firm has had the texts of 24 hours, without the one that is claimed now. Counts messages that the service took and those that may
 * have gone out: on their way, without an answer in time, tried before. What it refused as too many cost nothing. One claim of a firm counts at a time, so that two at once do not both take the last one.
 */
export async function areTextsUsedUp(
  tx: Tx,
  { tenantId, clock }: Ctx,
  { userId, lease }: Pick<HeldAlerts, "userId" | "lease">,
): Promise<boolean> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`alert-texts|${tenantId}`}, 0))`;
  const since = new Date(clock.now().getTime() - TEXT_DAY_MS);
  // The alerts of one message have one lease, which stays theirs when it was sent.
  const [had] = await tx.$queryRaw<{ person: number; firm: number }[]>(Prisma.sql`
    SELECT count(*) FILTER (WHERE user_id = ${userId}::uuid)::int AS person, count(*)::int AS firm
    FROM (SELECT user_id, due_at FROM lead_alert
        WHERE tenant_id = ${tenantId}::uuid AND channel = 'text' AND state IN ('sent', 'failed') AND ended_at > ${since}
          AND (state = 'sent' OR problem = 'timeout' OR attempts > 1 AND problem <> 'throttled')
      UNION SELECT user_id, due_at FROM lead_alert
        WHERE tenant_id = ${tenantId}::uuid AND channel = 'text' AND state IN ('waiting', 'sending') AND (state = 'sending' OR attempts > 0)
          AND NOT (state = 'sending' AND user_id = ${userId}::uuid AND due_at = ${lease})) AS texts`);
  return !had || had.person >= TEXTS_A_DAY.person || had.firm >= TEXTS_A_DAY.firm;
}
