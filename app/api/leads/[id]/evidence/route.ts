import { BeginEvidence, BegunEvidence, EvidenceList } from "@/lib/contracts/evidence";
import { beginEvidence } from "@/lib/domain/leads/evidence/begin-evidence";
import { listEvidence } from "@/lib/domain/leads/evidence/list-evidence";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

// A page that waits for the look at a file asks by itself.
export const GET = withCaller({ permission: "leads:read", isVisit: false, ids: ["id"] }, async (ctx, { ids }) =>
  respond(200, EvidenceList, await listEvidence(ctx, ids.id)),
);

// Whoever has the form of the bucket needs nothing else for a quarter of an hour, so it rests nowhere.
export const POST = withCaller(
  { permission: "leads:write", ids: ["id"], body: BeginEvidence },
  async (ctx, { ids, body }) => shownOnce(respond(201, BegunEvidence, await beginEvidence(ctx, ids.id, body))),
);

const refuse = otherMethods("GET", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
