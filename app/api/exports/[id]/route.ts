import { ExportDto } from "@/lib/contracts/exports";
import { getExport } from "@/lib/domain/reports/exports/list-exports";
import { removeExport } from "@/lib/domain/reports/exports/remove-export";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "export:read", isVisit: false, ids: ["id"] }, async (ctx, { ids }) =>
  respond(200, ExportDto, await getExport(ctx, ids.id)),
);

export const DELETE = withCaller({ permission: "export:read", ids: ["id"] }, async (ctx, { ids }) => {
  await removeExport(ctx, ids.id);
  return respondEmpty();
});

const refuse = otherMethods("GET", "DELETE");

export { refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
