import { ChangeMapping, ImportDetail, ImportDto } from "@/lib/contracts/imports";
import { cancelImport } from "@/lib/domain/leads/imports/cancel-import";
import { changeMapping } from "@/lib/domain/leads/imports/change-mapping";
import { getImport } from "@/lib/domain/leads/imports/list-imports";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "leads:import", isVisit: false, ids: ["id"] }, async (ctx, { ids }) =>
  respond(200, ImportDetail, await getImport(ctx, ids.id)),
);

export const PATCH = withCaller(
  { permission: "leads:import", ids: ["id"], body: ChangeMapping },
  async (ctx, { ids, body }) => respond(200, ImportDto, await changeMapping(ctx, ids.id, body)),
);

export const DELETE = withCaller({ permission: "leads:import", ids: ["id"] }, async (ctx, { ids }) => {
  await cancelImport(ctx, ids.id);
  return respondEmpty();
});

const refuse = otherMethods("GET", "PATCH", "DELETE");

export { refuse as OPTIONS, refuse as POST, refuse as PUT };
