import { ConnectionDto, ConnectWithKey } from "@/lib/contracts/connections";
import { type ConnectorName, isConnector } from "@/lib/core/connectors";
import { connectWithKey } from "@/lib/domain/tenants/connections/connect-with-key";
import { getConnection } from "@/lib/domain/tenants/connections/list-connections";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  {
    permission: "connections:manage",
    ids: ["provider"],
    isPathId: isConnector,
    body: ConnectWithKey,
    isRepeatable: false,
  },
  async (ctx, { ids, body }) => {
    const provider = ids.provider as ConnectorName;
    await connectWithKey(ctx, provider, body);
    return respond(200, ConnectionDto, await getConnection(ctx, provider));
  },
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
