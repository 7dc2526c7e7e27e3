import type { EnrichLeads, EnrichReport } from "@/lib/contracts/leads";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { inScope } from "../leads/in-scope";
import { type LookupTally, requestLookups } from "../leads/request-lookups";

type Outcome = EnrichReport["leads"][number]["outcome"];

function outcomeOf({ queued, waiting, contacts }: LookupTally): Outcome {
  if (contacts === 0) return "no_contact";
  return queued + waiting > 0 ? "queued" : "fresh";
}

/**
 * Asks for a check of every contact of these leads that has no fresh answer; one that waits for its next try is tried at once. All in
 * one transaction; repeating it queues nothing twice. A lead of another firm or outside the member's scope, like one that is nowhere, has the
 * outcome `not_found`. Needs `enrich:run`.
 */
export async function enrichLeads(ctx: Ctx, { leadIds }: EnrichLeads): Promise<EnrichReport> {
  requirePermission(ctx, "enrich:run");
  const ids = [...new Set(leadIds)];
  return inTenant(ctx, async (tx) => {
    const found = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
      SELECT id FROM lead WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ANY(${ids}::uuid[]) AND ${inScope(ctx)}`);
    const tally = await requestLookups(
      tx,
      ctx,
      found.map((row) => row.id),
      { hurry: true },
    );
    const leads = ids.map((leadId): EnrichReport["leads"][number] => {
      const counts = tally.get(leadId);
      if (!counts) return { leadId, queued: 0, reused: 0, outcome: "not_found" };
      return { leadId, queued: counts.queued, reused: counts.reused, outcome: outcomeOf(counts) };
    });
    return { leads, queued: leads.reduce((sum, lead) => sum + lead.queued, 0) };
  });
}
