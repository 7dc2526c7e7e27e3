import { inTenant } from "../../context/in-tenant";
import type { SyncProvider } from "../sync-provider";
import { wake } from "../wake";
import { beginWatching, pullChannel, stopWatching } from "./channels";
import { compareCalendar } from "./compare-calendar";
import { mirrorConsultation } from "./mirror-consultation";
import { pullCalendar } from "./pull-calendar";

const HOUR_MS = 3_600_000;

/** What the sync engine knows of Google Calendar. */
export const GOOGLE_SYNC: SyncProvider = {
  name: "google",
  resources: [
    // What Google tells by itself may be lost on the way, so the clock asks too.
    { name: "calendar", everyMs: 3 * HOUR_MS, pull: pullCalendar },
    { name: "channel", everyMs: 6 * HOUR_MS, pull: pullChannel },
  ],
  begin: beginWatching,
  leave: stopWatching,
  handle: (ctx) => inTenant(ctx, (tx) => wake(tx, ctx, "google", "calendar")),
  mirror: mirrorConsultation,
  compare: compareCalendar,
};
