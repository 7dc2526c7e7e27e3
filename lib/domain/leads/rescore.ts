import { type Band, bandOf } from "@/lib/core/band";
import type { OffenseClass } from "@/lib/core/offense";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import type { AnyEvent } from "../events/catalog";
import { recordEvents } from "../events/record-events";
import { findThresholds } from "./known-leads";
import { scoreLead } from "./score";

type DueRow = {
  id: string;
  top_class: OffenseClass;
  bail_total_cents: bigint | null;
  bail_denied: number;
  arrested_at: Date | null;
  magistrated_at: Date | null;
  score: number;
  band: Band;
  charges: { offense: string; class: OffenseClass }[];
};

/**
 * Scores again the leads whose score time has changed, at most `limit` in one transaction of three statements; says how many there were. A move to
 * another band is recorded; points that fade within a band are not. Leads that another process is rescoring are left to it.
 */
export async function rescoreDueLeads(ctx: Ctx, { limit = 1000 }: { limit?: number } = {}): Promise<number> {
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    const due = await tx.$queryRaw<DueRow[]>(Prisma.sql`
      SELECT l.id, l.top_class, l.bail_total_cents, l.bail_denied, l.arrested_at, l.magistrated_at, l.score, l.band,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('offense', c.offense, 'class', c.class)), '[]')
         FROM charge c WHERE c.tenant_id = l.tenant_id AND c.lead_id = l.id) AS charges
      FROM lead l WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.score_changes_at <= ${now}
      ORDER BY l.score_changes_at LIMIT ${limit} FOR UPDATE OF l SKIP LOCKED`);
    if (due.length === 0) return 0;
    const thresholds = await findThresholds(tx, ctx.tenantId);
    const events: AnyEvent[] = [];
    const rows = due.map((row) => {
      const { score, reasons, changesAt } = scoreLead(
        {
          charges: row.charges,
          topClass: row.top_class,
          bailTotalCents: row.bail_total_cents === null ? null : Number(row.bail_total_cents),
          bailDenied: row.bail_denied,
          arrestedAt: row.arrested_at,
          magistratedAt: row.magistrated_at,
        },
        now,
      );
      const band = bandOf(score, thresholds);
      if (band !== row.band) {
        events.push({ type: "lead.rescored", leadId: row.id, data: { from: row.score, to: score, band } });
      }
      return { id: row.id, score, band, reasons, changes_at: changesAt };
    });
    await tx.$executeRaw(Prisma.sql`
      UPDATE lead l SET score = r.score, band = r.band, score_reasons = r.reasons, score_changes_at = r.changes_at
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r(id uuid, score integer, band text, reasons jsonb, changes_at timestamptz)
      WHERE l.tenant_id = ${ctx.tenantId}::uuid AND l.id = r.id`);
    await recordEvents(tx, ctx, events);
    return due.length;
  });
}
