import { receiveAcuityWebhook } from "@/lib/domain/sync/acuity/receive-webhook";
import { otherMethods } from "@/lib/http/other-methods";
import { withWebhook } from "@/lib/http/with-webhook";

/** Acuity tells that an appointment changed. Proven by its signature, answered before anything is asked of Acuity. */
export const POST = withWebhook({ maxBytes: 16_384 }, async ({ raw, headers, ids, requestId, clock }) => {
  await receiveAcuityWebhook({ raw, headers, connectionId: ids.connection ?? "", requestId, clock });
  return { status: 200, body: "{}" };
});

const refuse = otherMethods("POST");

export { refuse as DELETE, refuse as GET, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
