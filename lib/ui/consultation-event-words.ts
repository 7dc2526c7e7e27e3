import type { EventWords } from "./event-words";
import type { WordsOf } from "./firm-event-words";
import { countOf } from "./format";
import type { IconName } from "./icons";

type Data = Record<string, unknown>;

const textIn = (data: Data, key: string): string => (typeof data[key] === "string" ? data[key] : "");
const countIn = (data: Data, key: string): number => Number(data[key]) || 0;
const listIn = (data: Data, key: string): string =>
  Array.isArray(data[key]) ? data[key].map((each) => FIELDS[String(each)] ?? String(each)).join(", ") : "";
const say = (icon: IconName, text: string, more?: string): EventWords => (more ? { icon, text, more } : { icon, text });

/* The names of the services as sentences need them; a newer one is called what it calls itself. */
const SERVICES: Record<string, string> = {
  acuity: "Acuity",
  google: "Google Calendar",
  zoom: "Zoom",
  zoho: "Zoho CRM",
};
const serviceIn = (data: Data): string =>
  SERVICES[textIn(data, "provider")] ?? (textIn(data, "provider") || "a service");

const OUTCOMES: Record<string, string> = { retained: "retained", thinking: "thinking", declined: "declined" };
const outcomeIn = (data: Data, key: string): string => OUTCOMES[textIn(data, key)] ?? "none";

const FIELDS: Record<string, string> = {
  timeZone: "the person’s time zone",
  calendarName: "calendar",
  joinUrl: "link to the meeting",
  priceCents: "price",
  isPaid: "payment",
  notes: "what the person wrote",
  kind: "kind",
  location: "place",
  lastName: "last name",
  firstName: "first name",
};

const RESOURCES: Record<string, string> = {
  appointment: "appointment",
  appointments: "appointment",
  bookings: "appointment",
  event: "event",
  events: "event",
  calendar: "event",
  meeting: "meeting",
  meetings: "meeting",
  participants: "participant",
  crm_lead: "record",
  leads: "record",
  deleted: "deleted record",
};
const resourceIn = (data: Data): string =>
  RESOURCES[textIn(data, "resource")] ?? (textIn(data, "resource").replaceAll("_", " ") || "record");

const BECAUSE: Record<string, string> = {
  person: "because somebody asked",
  webhook: "because it told us of a change",
  schedule: "by the clock",
  change: "because something changed here",
};

const PROBLEMS: Record<string, string> = {
  revoked: "access was taken away or ended",
  refused: "it refuses what we ask for",
  quota: "its daily quota is used up",
  unavailable: "it does not answer",
  garbled: "its answers make no sense",
};

const ENDED: Record<string, string> = {
  asked: "asked for here",
  deauthorized: "taken away at the other side",
  replaced: "another took its place",
};

const ACTIONS: Record<string, string> = { created: "Made", updated: "Brought up to date", removed: "Taken away" };

/** When somebody comes, and what came of it: the lead's timeline shows these, the audit trail all. Times stand in the details. */
const CONSULTATION_WORDS: Record<string, WordsOf> = {
  "lead.opened": (data) =>
    say(
      "plus",
      `Lead opened by a booking in ${SERVICES[textIn(data, "source")] ?? (textIn(data, "source") || "another service")}`,
    ),
  "consultation.booked": (data, who) =>
    say("calendar", data.origin === "acuity" ? "Consultation booked in Acuity" : `${who} booked a consultation`),
  "consultation.listed": (_, who) => say("eye", `${who} read the list of consultations`),
  "consultation.viewed": (_, who) => say("eye", `${who} opened a consultation`),
  "consultation.feed_made": (data, who) =>
    say("calendar", `${who} made a calendar address${data.showsNames ? ", with names" : ""}`),
  "consultation.feed_ended": (_, who) => say("close", `${who} ended their calendar address`),
  "consultation.feed_read": () => say("download", "A calendar program read a calendar address"),
  "consultation.moved": () => say("calendar", "Consultation moved to another time"),
  "consultation.changed": (data) => say("calendar", `Consultation changed: ${listIn(data, "fields") || "details"}`),
  "consultation.canceled": () => say("barred", "Consultation canceled"),
  "consultation.reinstated": () => say("calendar", "Canceled consultation is on again"),
  "consultation.no_show": () => say("lost", "Nobody came to the consultation"),
  "consultation.relinked": (_, who) => say("leads", `${who} put a consultation under another lead`),
  "consultation.outcome_set": (data, who) =>
    say(
      data.to === "retained" ? "retained" : data.to === "declined" ? "lost" : "clock",
      data.to
        ? `${who} set the outcome of the consultation: ${outcomeIn(data, "to")}`
        : `${who} took the outcome of the consultation back`,
    ),
  "consultation.attendance_set": (data, who) => {
    const minutes = Math.round(countIn(data, "seconds") / 60);
    const by = data.by === "zoom" ? "Zoom counted" : `${who} noted`;
    if (data.attendance === "attended")
      return say("check", `${by} that the person came${minutes > 0 ? `, ${minutes} min` : ""}`);
    return data.attendance === "absent"
      ? say("lost", `${by} that the person did not come`)
      : say("note", `${by} that it is not known who came`);
  },
};

const CONNECTION_WORDS: Record<string, WordsOf> = {
  "connection.begun": (data, who) => say("plus", `${who} began to connect ${serviceIn(data)}`),
  "connection.made": (data, who) => say("check", `${who} connected ${serviceIn(data)}`),
  "connection.renewed": (data) => say("refresh", `Access to ${serviceIn(data)} renewed`),
  "connection.broken": (data) =>
    say(
      "warn",
      `${serviceIn(data)} stopped working: ${PROBLEMS[textIn(data, "problem")] ?? (textIn(data, "problem") || "not known why")}`,
    ),
  "connection.restored": (data) => say("check", `${serviceIn(data)} works again`),
  "connection.changed": (data, who) =>
    say("settings", `${who} changed the settings of ${serviceIn(data)}: ${listIn(data, "fields") || "none"}`),
  "connection.removed": (data, who) =>
    say(
      "close",
      `${data.because === "deauthorized" ? "" : `${who}: `}${serviceIn(data)} disconnected, ${ENDED[textIn(data, "because")] ?? "ended"}${data.isRevoked ? "; access given back there" : ""}`,
    ),
};

const SYNC_WORDS: Record<string, WordsOf> = {
  "sync.fetched": (data) =>
    say(
      "download",
      `${countOf(countIn(data, "items"), resourceIn(data))} read from ${serviceIn(data)}, ${BECAUSE[textIn(data, "because")] ?? "by the clock"}`,
    ),
  "sync.written": (data) =>
    say("refresh", `${ACTIONS[textIn(data, "action")] ?? "Written"} in ${serviceIn(data)}: ${resourceIn(data)}`),
  "sync.field_decided": (data) =>
    say(
      "note",
      `${FIELDS[textIn(data, "field")] ?? (textIn(data, "field") || "A field")} was changed on both sides: kept ${data.kept === "theirs" ? `the one of ${serviceIn(data)}` : "ours"}`,
    ),
  "sync.removed_there": (data) =>
    say("warn", `Removed in ${serviceIn(data)}: ${resourceIn(data)}. Nothing was removed here`),
  "sync.backfilled": (data) =>
    say(
      "download",
      `What was there before is read from ${serviceIn(data)}: ${countOf(countIn(data, "items"), resourceIn(data))}`,
    ),
  "sync.compared": (data) => {
    const apart = [
      [countIn(data, "onlyOurs"), "only here"],
      [countIn(data, "onlyTheirs"), "only there"],
      [countIn(data, "different"), "different"],
    ] as const;
    const found = apart.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
    return say(
      found.length > 0 ? "warn" : "check",
      `Compared with ${serviceIn(data)}: ${countIn(data, "ours")} here, ${countIn(data, "theirs")} there, ${found.join(", ") || "all alike"}`,
    );
  },
};

/** What happens to consultations, connections, and in each exchange with another service. */
export const EXCHANGE_WORDS: Record<string, WordsOf> = { ...CONSULTATION_WORDS, ...CONNECTION_WORDS, ...SYNC_WORDS };
