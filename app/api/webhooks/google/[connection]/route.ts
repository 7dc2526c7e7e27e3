import { receiveGoogleNotice } from "@/lib/domain/sync/google/receive-webhook";
import { otherMethods } from "@/lib/http/other-methods";
import { respondEmpty } from "@/lib/http/respond";
import { withWebhook } from "@/lib/http/with-webhook";

// A notification has no body: everything is in its headers.
export const POST = withWebhook({ maxBytes: 1000 }, async ({ headers, ids, requestId, clock }) => {
  await receiveGoogleNotice({ connectionId: ids.connection ?? "", headers, requestId, clock });
  return respondEmpty();
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
