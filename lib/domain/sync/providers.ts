import type { ConnectorName } from "@/lib/core/connectors";
import { ACUITY_SYNC } from "./acuity/acuity-sync";
import { GOOGLE_SYNC } from "./google/google-sync";
import type { SyncProvider } from "./sync-provider";
import { ZOHO_SYNC } from "./zoho/zoho-sync";
import { ZOOM_SYNC } from "./zoom/zoom-sync";

/** Every service that a firm can connect, as the sync engine knows it. */
export const SYNC_PROVIDERS: Record<ConnectorName, SyncProvider> = {
  acuity: ACUITY_SYNC,
  google: GOOGLE_SYNC,
  zoom: ZOOM_SYNC,
  zoho: ZOHO_SYNC,
};
