import { EvidenceDto } from "@/lib/contracts/evidence";
import { EVIDENCE_MAX_BYTES } from "@/lib/core/evidence-types";
import { confirmEvidence } from "@/lib/domain/leads/evidence/confirm-evidence";
import { openEvidence } from "@/lib/domain/leads/evidence/open-evidence";
import { receiveEvidence } from "@/lib/domain/leads/evidence/receive-evidence";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondFile, respondRedirect } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "leads:read", ids: ["id", "evidenceId"] }, async (ctx, { ids }) => {
  const opened = await openEvidence(ctx, ids.id, ids.evidenceId);
  return opened.link === null ? respondFile(opened.stream, opened) : respondRedirect(opened.link);
});

export const PUT = withCaller(
  { permission: "leads:write", ids: ["id", "evidenceId"], uploadMaxBytes: EVIDENCE_MAX_BYTES },
  async (ctx, { ids, upload }) =>
    respond(200, EvidenceDto, await receiveEvidence(ctx, { leadId: ids.id, id: ids.evidenceId }, upload)),
);

/* The file went to the bucket without us. */
export const POST = withCaller({ permission: "leads:write", ids: ["id", "evidenceId"] }, async (ctx, { ids }) =>
  respond(202, EvidenceDto, await confirmEvidence(ctx, ids.id, ids.evidenceId)),
);

const refuse = otherMethods("GET", "PUT", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH };
