import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { userReadsLeads, userSeesLead } from "../leads/in-scope";

/** The longest that anybody is reminded before: 2,880 minutes. */
const LONGEST = Prisma.sql`interval '2 days'`;

/**
 * Reminds each user of the firm of the consultations that begin within the time of their choice, of those leads that they may see: one statement. Nobody is
 * reminded twice of one hour; a consultation that moved is another hour. Needs `leads:read`; says how many reminders there are more.
 */
export async function remindDue(ctx: Ctx): Promise<number> {
  requirePermission(ctx, "leads:read");
  const now = ctx.clock.now();
  return inTenant(
    ctx,
    (tx) => tx.$executeRaw`
      INSERT INTO reminder (tenant_id, consultation_id, user_id, lead_id, starts_at, created_at)
      SELECT c.tenant_id, c.id, u.id, c.lead_id, c.starts_at, ${now}
      FROM consultation c
      JOIN lead l ON l.tenant_id = c.tenant_id AND l.id = c.lead_id
      JOIN app_user u ON u.tenant_id = c.tenant_id AND ${userReadsLeads()} AND u.remind_minutes IS NOT NULL
        AND c.starts_at <= ${now}::timestamptz + make_interval(mins => u.remind_minutes)
        AND ${userSeesLead()}
      WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.state = 'scheduled' AND c.starts_at > ${now} AND c.starts_at <= ${now}::timestamptz + ${LONGEST}
      ON CONFLICT DO NOTHING`,
  );
}
