import { receiveZoomWebhook, ZoomHookReply } from "@/lib/domain/sync/zoom/receive-webhook";
import { otherMethods } from "@/lib/http/other-methods";
import { respond } from "@/lib/http/respond";
import { withWebhook } from "@/lib/http/with-webhook";

export const POST = withWebhook({ maxBytes: 64_000 }, async ({ ids, ...hook }) =>
  respond(200, ZoomHookReply, await receiveZoomWebhook({ ...hook, connectionId: ids.connection ?? "" })),
);

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
