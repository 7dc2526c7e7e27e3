import { removeEvidence } from "@/lib/domain/leads/evidence/remove-evidence";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const DELETE = withCaller({ permission: "leads:write", ids: ["id", "evidenceId"] }, async (ctx, { ids }) => {
  await removeEvidence(ctx, ids.id, ids.evidenceId);
  return respondEmpty();
});

const refuse = otherMethods("DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
