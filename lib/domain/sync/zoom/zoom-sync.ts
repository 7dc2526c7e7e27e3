import type { SyncProvider } from "../sync-provider";
import { compareMeetings } from "./compare-meetings";
import { forgetFormerMeetings, forgetMeetings } from "./forget-meetings";
import { handleZoomDelivery, isDeauthorization } from "./handle-delivery";
import { mirrorMeeting } from "./mirror-meeting";
import { sweepAttendance } from "./sweep-attendance";
import { pullMeetings } from "./upcoming-meetings";

const HOUR = 3_600_000;

/**
 * What the sync engine knows of Zoom. Consultations become meetings, and who came comes back; webhooks are subscribed to once, in the app at Zoom, so
 * connecting only ends what an account before this one left.
 */
export const ZOOM_SYNC: SyncProvider = {
  name: "zoom",
  resources: [
    { name: "meetings", everyMs: 4 * HOUR, pull: pullMeetings },
    { name: "attendance", everyMs: HOUR, pull: sweepAttendance },
  ],
  begin: forgetFormerMeetings,
  forget: forgetMeetings,
  handle: handleZoomDelivery,
  isErasing: isDeauthorization,
  mirror: mirrorMeeting,
  compare: compareMeetings,
};
