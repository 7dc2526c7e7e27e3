import { SyncStarted } from "@/lib/contracts/connections";
import { type ConnectorName, isConnector } from "@/lib/core/connectors";
import { syncNow } from "@/lib/domain/sync/sync-now";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  { permission: "connections:manage", ids: ["provider"], isPathId: isConnector, isRepeatable: false },
  async (ctx, { ids }) => respond(202, SyncStarted, await syncNow(ctx, ids.provider as ConnectorName)),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
