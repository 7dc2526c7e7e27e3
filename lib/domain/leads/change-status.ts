import type { ChangeLeadStatus, LeadDto } from "@/lib/contracts/leads";
import { AppError } from "@/lib/core/errors";
import { blockedMove, type LeadStatus, REASON_REQUIRED, STATUS_WORDS } from "@/lib/core/lead-status";
import { Prisma } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { requirePermission } from "../context/permissions";
import { insertOfEvents } from "../events/record-events";
import { lockLeadRow } from "./get-lead";
import { insertOfNotes, noteOf } from "./lead-notes";
import { toLeadDto } from "./lead-row";
import { visitOf } from "./visit";

function requireReason({ to, reason }: ChangeLeadStatus): void {
  if (reason || !REASON_REQUIRED.includes(to)) return;
  throw new AppError("unprocessable", `${STATUS_WORDS[to]} needs a reason.`, {
    invalidParams: [{ name: "reason", reason: `is required to move a lead to ${to}` }],
  });
}

/**
 * Moves a lead through the pipeline and records it. The same status again changes nothing and records nothing. Reason and note are kept beside the
 * lead, sealed, so that they go when it goes; the event has their ids. Needs `leads:write`.
 * @throws AppError `not_found` (also for another firm's lead and one outside the member's scope), `invalid_transition`, `conflict` when `expectedVersion` is stale,
 *   `unprocessable` when a required reason is missing.
 */
export async function changeLeadStatus(ctx: Ctx, input: ChangeLeadStatus): Promise<LeadDto> {
  requirePermission(ctx, "leads:write");
  return inTenant(ctx, async (tx) => {
    const lead = await lockLeadRow(tx, ctx, input.leadId);
    const visitedAt = visitOf(ctx);
    const before: LeadStatus = lead.status;
    if (before === input.to) return toLeadDto(lead, visitedAt);
    if (input.expectedVersion !== undefined && input.expectedVersion !== lead.version) {
      throw new AppError(
        "conflict",
        `Someone moved this lead to ${STATUS_WORDS[before]} meanwhile. Look again, then decide.`,
      );
    }
    const blocked = blockedMove(before, input.to);
    if (blocked) throw new AppError("invalid_transition", blocked);
    requireReason(input);

    const reason = noteOf("reason", input.reason);
    const note = noteOf("note", input.note);
    const data = { from: before, to: input.to, reasonId: reason?.id ?? null, noteId: note?.id ?? null };
    const moved = insertOfEvents(ctx, [{ type: "lead.status_changed", leadId: lead.id, data }]);
    const said = [reason, note].filter((each) => each !== null);
    const noted = said.length > 0 ? Prisma.sql`, noted AS (${insertOfNotes(ctx, lead.id, said)})` : Prisma.empty;
    await tx.$executeRaw`
      WITH recorded AS (${moved})${noted}
      UPDATE lead SET status = ${input.to}, version = version + 1
      WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${lead.id}::uuid`;
    return toLeadDto({ ...lead, status: input.to, version: lead.version + 1 }, visitedAt);
  });
}
