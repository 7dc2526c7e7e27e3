import { alertsOf } from "@/lib/platform/alerts";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { enqueue } from "../context/enqueue";
import { IMPORT_SOURCE } from "./imports/import-row";
import { userReadsLeads, userSeesLead } from "./in-scope";
import type { BatchPlan } from "./plan-batch";

/** Batches of the same half-minute share a job, and so a message. */
const SHARED_MS = 30_000;
/** What was looked at longer ago is history brought in later, whatever it scores today. */
const NEWS_MS = 24 * 3_600_000;

type Batch = { source: string; observedAt: Date; plan: BatchPlan };

/**
 * Notes, in the transaction of a batch, who is to hear of leads that it made HOT: those of the firm's users who asked, of the leads that they may see, once per lead,
 * person and way. A lead counts when it came as HOT, or when what its form now says made it HOT while nobody has worked on it; not from a list that the firm
 * brought itself, nor from a look of another day. The band is that of this moment: cooling later takes nothing back.
 */
export async function alertHotLeads(tx: Tx, ctx: Ctx, { source, observedAt, plan }: Batch): Promise<void> {
  const now = ctx.clock.now();
  if (source === IMPORT_SOURCE || now.getTime() - observedAt.getTime() > NEWS_MS || alertsOf() === null) return;
  const hot = [...plan.created.filter((lead) => lead.band === "hot").map((lead) => lead.id), ...plan.heated];
  if (hot.length === 0) return;
  const noted = await tx.$executeRaw(Prisma.sql`
    INSERT INTO lead_alert (tenant_id, lead_id, user_id, channel, state, due_at, created_at)
    SELECT l.tenant_id, l.id, u.id, way.channel, 'waiting', ${now}, ${now}
    FROM alert_choice a
    JOIN app_user u ON u.tenant_id = a.tenant_id AND u.id = a.user_id AND ${userReadsLeads()}
    JOIN lead l ON l.tenant_id = a.tenant_id AND l.id = ANY (${hot}::uuid[]) AND l.status = 'new'
      AND ${userSeesLead()}
    JOIN (VALUES ('mail'), ('text')) AS way (channel) ON CASE way.channel WHEN 'mail' THEN a.by_mail ELSE a.by_text END
    WHERE a.tenant_id = ${ctx.tenantId}::uuid AND (a.by_mail OR a.by_text)
    ON CONFLICT DO NOTHING`);
  if (noted === 0) return;
  const startAfter = new Date(Math.ceil((now.getTime() + 1) / SHARED_MS) * SHARED_MS);
  await enqueue(tx, "alerts.send", [{ tenantId: ctx.tenantId }], { startAfter });
}
