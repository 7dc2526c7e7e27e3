import { receiveAcuityWebhook } from "@/lib/domain/sync/acuity/receive-webhook";
import { withWebhook } from "@/lib/http/with-webhook";

/** Acuity tells that an appointment changed. Proven by its signature, answered before anything is asked of Acuity. */
export const POST = withWebhook({ maxBytes: 16_384 }, async ({ raw, headers, ids, requestId, clock }) => {
  await receiveAcuityWebhook({ raw, headers, connectionId: ids.connection ?? "", requestId, clock });
  return { status: 200, body: "{}" };
});
