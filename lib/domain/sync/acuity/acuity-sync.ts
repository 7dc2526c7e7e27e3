import type { SyncProvider } from "../sync-provider";
import { sourceOfHint } from "./booking-hint";
import { compareAppointments } from "./compare";
import { endWebhooks, keepWebhooks, WEBHOOKS } from "./keep-webhooks";
import { lookAtBooking } from "./look-at-booking";
import { APPOINTMENTS } from "./reconcile";

/** What the sync engine knows of Acuity: bookings come from there, and nothing of ours is mirrored to it. */
export const ACUITY_SYNC: SyncProvider = {
  name: "acuity",
  resources: [APPOINTMENTS, WEBHOOKS],
  begin: keepWebhooks,
  leave: endWebhooks,
  /** A hint whose own job was lost. */
  handle: async (ctx, { connectionId, deliveryKey }) => {
    const sourceId = sourceOfHint(deliveryKey);
    if (sourceId !== null) await lookAtBooking(ctx, { connectionId, sourceId });
  },
  compare: compareAppointments,
};
