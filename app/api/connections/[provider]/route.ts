import { ChangeConnection, ConnectionDto } from "@/lib/contracts/connections";
import { type ConnectorName, isConnector } from "@/lib/core/connectors";
import { disconnect } from "@/lib/domain/sync/disconnect";
import { changeConnection } from "@/lib/domain/tenants/connections/change-connection";
import { getConnection } from "@/lib/domain/tenants/connections/list-connections";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, respondEmpty } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const PATCH = withCaller(
  { permission: "connections:manage", ids: ["provider"], isPathId: isConnector, body: ChangeConnection },
  async (ctx, { ids, body }) => {
    const provider = ids.provider as ConnectorName;
    await changeConnection(ctx, provider, body);
    return respond(200, ConnectionDto, await getConnection(ctx, provider));
  },
);

export const DELETE = withCaller(
  { permission: "connections:manage", ids: ["provider"], isPathId: isConnector },
  async (ctx, { ids }) => {
    await disconnect(ctx, ids.provider as ConnectorName);
    return respondEmpty();
  },
);

const refuse = otherMethods("PATCH", "DELETE");

export { refuse as GET, refuse as OPTIONS, refuse as POST, refuse as PUT };
