import { ConnectionList } from "@/lib/contracts/connections";
import { listConnections } from "@/lib/domain/tenants/connections/list-connections";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const GET = withCaller({ permission: "connections:manage" }, async (ctx) =>
  respond(200, ConnectionList, await listConnections(ctx)),
);

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
