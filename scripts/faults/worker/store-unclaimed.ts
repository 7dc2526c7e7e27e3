import type { JobPayload } from "@/lib/contracts/jobs";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { LOOKUPS } from "@/lib/domain/enrichment/providers";
import { recordEvent } from "@/lib/domain/events/record-events";
import { jobCtx } from "@/lib/jobs/job-ctx";

/** Some number: what is asked does not matter here. */
const NUMBER = "+15124442000";

/** Makes a look-up without asking whether it is still to be made, and records it without asking whether it was made meanwhile. */
export async function storeUnclaimed(
  { tenantId, enrichmentId }: JobPayload<"enrichment.lookup">,
  { asksFirst }: { asksFirst: boolean },
): Promise<void> {
  if (asksFirst) await LOOKUPS.twilio(NUMBER);
  const ctx = jobCtx(tenantId, "enrichment.lookup");
  await inTenant(ctx, async (tx) => {
    const where = { tenantId_id: { tenantId, id: enrichmentId } };
    const { leadId, contactId } = await tx.enrichment.findUniqueOrThrow({
      where,
      select: { leadId: true, contactId: true },
    });
    const data = { provider: "twilio", contactId, enrichmentId, state: "found", words: "mobile" };
    await recordEvent(tx, ctx, { type: "lead.enriched", leadId, data });
  });
}
