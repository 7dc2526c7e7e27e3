import { CrmMapping, CrmMappingPage } from "@/lib/contracts/connections";
import { getMapping, setMapping } from "@/lib/domain/sync/zoho/mapping";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "connections:manage" }, async (ctx) =>
  respond(200, CrmMappingPage, await getMapping(ctx)),
);

export const PUT = withCaller({ permission: "connections:manage", body: CrmMapping }, async (ctx, { body }) =>
  respond(200, CrmMappingPage, await setMapping(ctx, body)),
);

const refuse = otherMethods("GET", "PUT");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST };
