import type { ReminderList } from "@/lib/contracts/consultations";
import { Prisma } from "@/lib/platform/db";
import { requireOwnAccount } from "../auth/own-account";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { type ConsultationRow, leadInScope, openJoinUrl } from "./consultation-row";

const MOST_SHOWN = 50;

type Row = Pick<ConsultationRow, "id" | "leadId" | "kind" | "startsAt" | "joinUrlCipher"> & {
  leadName: string;
  isSeen: boolean;
};

/**
 * What the caller was reminded of and is not over yet, the earliest first. One that was canceled, or moved since, is not among them. Needs `account:own` and
 * `leads:read`.
 */
export async function listReminders(ctx: Ctx): Promise<ReminderList> {
  requirePermission(ctx, "leads:read");
  const { id } = requireOwnAccount(ctx);
  const rows = await inTenant(ctx, (tx) =>
    tx.$queryRaw<Row[]>(Prisma.sql`
      SELECT c.id, c.lead_id AS "leadId", l.name AS "leadName", c.kind, c.starts_at AS "startsAt", c.join_url_cipher AS "joinUrlCipher",
        r.seen_at IS NOT NULL AS "isSeen"
      FROM reminder r JOIN consultation c ON c.tenant_id = r.tenant_id AND c.id = r.consultation_id AND c.starts_at = r.starts_at
        AND c.state = 'scheduled' AND c.ends_at > ${ctx.clock.now()} ${leadInScope(ctx)}
      WHERE r.tenant_id = ${ctx.tenantId}::uuid AND r.user_id = ${id}::uuid ORDER BY c.starts_at, c.id LIMIT ${MOST_SHOWN}`),
  );
  const reminders = rows.map(({ id, leadId, leadName, kind, startsAt, isSeen, joinUrlCipher }) => {
    const joinUrl = openJoinUrl(ctx, { id, joinUrlCipher });
    return { consultationId: id, leadId, leadName, kind, startsAt: startsAt.toISOString(), joinUrl, isSeen };
  });
  return { reminders };
}
