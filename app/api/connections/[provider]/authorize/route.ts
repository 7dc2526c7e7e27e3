import { BeginConnecting, ConnectingAt } from "@/lib/contracts/connections";
import { type ConnectorName, isConnector } from "@/lib/core/connectors";
import { beginConnecting } from "@/lib/domain/tenants/connections/begin-connecting";
import { otherMethods } from "@/lib/http/other-methods";
import { respond, shownOnce } from "@/lib/http/respond";
import { withCaller } from "@/lib/http/with-caller";

export const POST = withCaller(
  {
    permission: "connections:manage",
    ids: ["provider"],
    isPathId: isConnector,
    body: BeginConnecting,
    isRepeatable: false,
  },
  async (ctx, { ids, body, origin }) =>
    shownOnce(respond(200, ConnectingAt, await beginConnecting(ctx, ids.provider as ConnectorName, body, origin))),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
