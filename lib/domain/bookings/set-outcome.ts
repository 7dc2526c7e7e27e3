import type { ConsultationDto, SetOutcome } from "@/lib/contracts/consultations";
import type { ConsultationOutcome } from "@/lib/core/consultation";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import type { LeadStatus } from "@/lib/core/lead-status";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { recordEvent } from "../events/record-events";
import { holdLeads, moveLead } from "../leads/move-lead";
import { holdConsultation } from "./consultation-row";
import { followElsewhere } from "./follow-lead";
import { getConsultationDto } from "./read-consultations";

/** Where an outcome takes the lead; one who thinks about it stays where they are. */
const LEADS_TO: Record<ConsultationOutcome, LeadStatus | null> = {
  retained: "retained",
  thinking: null,
  declined: "lost",
};

function requireReason({ outcome, reason }: SetOutcome): void {
  if (outcome !== "declined" || reason) return;
  throw new AppError("unprocessable", "Say why the person declined.", {
    invalidParams: [{ name: "reason", reason: "is required for declined" }],
  });
}

/**
 * Says what came of a consultation: retained makes the lead retained, declined makes it lost, with the reason kept sealed beside it. Null takes the outcome back
 * and leaves the lead where it is. The same again changes nothing. Needs `leads:write`.
 * @throws AppError `not_found`, `unprocessable` naming `reason`.
 */
export async function setOutcome(ctx: Ctx, id: string, input: SetOutcome): Promise<ConsultationDto> {
  requirePermission(ctx, "leads:write");
  requireReason(input);
  const { outcome, reason } = input;
  return inTenant(ctx, async (tx) => {
    const row = await holdConsultation(tx, ctx, id);
    if (row.outcome === outcome) return getConsultationDto(tx, ctx, id);
    const now = ctx.clock.now();
    const by = isId(ctx.actor.id) ? ctx.actor.id : null;
    await tx.consultation.update({
      where: { tenantId_id: { tenantId: ctx.tenantId, id } },
      data: {
        outcome,
        outcomeAt: outcome === null ? null : now,
        outcomeBy: outcome === null ? null : by,
        version: { increment: 1 },
        updatedAt: now,
      },
      select: { id: true },
    });
    const { leadId } = row;
    const data = { consultationId: id, from: row.outcome, to: outcome };
    await recordEvent(tx, ctx, { type: "consultation.outcome_set", leadId, data });
    const to = outcome === null ? null : LEADS_TO[outcome];
    const lead = to && (await holdLeads(tx, ctx, [leadId])).get(leadId);
    if (lead && to) await moveLead(tx, ctx, lead, to, to === "lost" ? reason : undefined);
    await followElsewhere(tx, ctx, id);
    return getConsultationDto(tx, ctx, id);
  });
}
