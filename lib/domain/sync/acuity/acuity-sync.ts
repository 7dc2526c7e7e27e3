import { VendorError } from "@/lib/core/errors";
import { inTenant } from "../../context/in-tenant";
import { findPause } from "../pause";
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
  /** A hint whose own job was lost, or waits until Acuity answers again. */
  handle: async (ctx, { connectionId, deliveryKey }) => {
    const sourceId = sourceOfHint(deliveryKey);
    if (sourceId === null) return;
    if (await inTenant(ctx, (tx) => findPause(tx, ctx, connectionId)))
      throw new VendorError("acuity", "unavailable", "is waited for");
    await lookAtBooking(ctx, { connectionId, sourceId });
  },
  compare: compareAppointments,
};
