/** How a firm signs in at another service: a person says yes there, or the firm hands us a key of its own account. */
export const CONNECTION_MODES = ["oauth", "api_key", "server_to_server"] as const;
export type ConnectionMode = (typeof CONNECTION_MODES)[number];

/** A right that we ask for at the other side, and what it is for, in words for the page. */
export type ConnectorScope = { scope: string; words: string };

type ConnectorFacts = {
  /** As people know it. */
  label: string;
  /** What the firm gets from it, in one sentence. */
  gives: string;
  modes: readonly ConnectionMode[];
  scopes: readonly ConnectorScope[];
  /** What is kept of it here, in one sentence. */
  keeps: string;
};

/**
 * Every service that a firm can connect. Each has a client in lib/integrations, a sync in lib/domain/sync, a stand-in in sandbox/ and a contract test:
 * a test fails when one is missing.
 */
export const CONNECTORS = {
  acuity: {
    label: "Acuity Scheduling",
    gives: "Appointments booked there become consultations on the lead, and move and cancel with it.",
    modes: ["oauth", "api_key"],
    scopes: [{ scope: "api-v1", words: "Read, move and cancel appointments, and be told when one changes" }],
    keeps: "Who booked what for when, their contact and their answers on the booking form.",
  },
  google: {
    label: "Google Calendar",
    gives: "Every consultation stands in the firm's calendar; busy times there show as conflicts here.",
    modes: ["oauth"],
    scopes: [
      {
        scope: "https://www.googleapis.com/auth/calendar.events",
        words: "Write the firm's consultations, and see when the calendar is busy",
      },
      {
        scope: "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
        words: "List your calendars, so that you can choose one",
      },
    ],
    keeps: "When the calendar is busy, never what it is busy with.",
  },
  zoom: {
    label: "Zoom",
    gives: "Each consultation gets a meeting, and who came is noted by itself.",
    modes: ["oauth", "server_to_server"],
    scopes: [
      { scope: "meeting:write:meeting:admin", words: "Make meetings for consultations" },
      { scope: "meeting:read:meeting:admin", words: "Read those meetings" },
      { scope: "meeting:update:meeting:admin", words: "Move them" },
      { scope: "meeting:delete:meeting:admin", words: "Cancel them" },
      { scope: "meeting:read:list_meetings:admin", words: "Find them again" },
      { scope: "meeting:read:list_past_participants:admin", words: "Read who came, after the meeting" },
      { scope: "meeting:read:list_past_instances:admin", words: "See when a meeting took place" },
      { scope: "user:read:user:admin", words: "See which account and user this is" },
    ],
    keeps: "The link to each meeting, and who was in it from when to when; both are erased with the connection.",
  },
  zoho: {
    label: "Zoho CRM",
    gives: "Leads who answered are added to your CRM, and their status and contact details stay in step on both sides.",
    modes: ["oauth"],
    scopes: [
      { scope: "ZohoCRM.modules.leads.ALL", words: "Write and read leads, and see which were deleted" },
      { scope: "ZohoCRM.settings.fields.READ", words: "List the fields of a lead, for the mapping" },
      { scope: "ZohoCRM.org.ALL", words: "Read the name of your organization" },
    ],
    keeps: "The id of each lead there, and what was last written.",
  },
} as const satisfies Record<string, ConnectorFacts>;

export type ConnectorName = keyof typeof CONNECTORS;
/** The names of all services, in the order of the table. */
export const CONNECTOR_NAMES = Object.keys(CONNECTORS) as ConnectorName[];

/** True for a name of the table. */
export const isConnector = (name: string): name is ConnectorName => Object.hasOwn(CONNECTORS, name);

/** The name as people know it; an unfamiliar one as it is. */
export const connectorLabel = (name: string): string => (isConnector(name) ? CONNECTORS[name].label : name);

/** Why a connection does not work. What a person can do about each stands in lib/ui/connection-words.ts. */
export const CONNECTION_PROBLEMS = [
  /** The other side took our access away, or it ended: connect again. */
  "revoked",
  /** It refuses what we ask for: a right is missing, or the plan does not allow it. */
  "refused",
  /** Its daily quota is used up. */
  "quota",
  /** It does not answer. */
  "unavailable",
  /** It answers in a way that we do not understand. */
  "garbled",
] as const;
export type ConnectionProblem = (typeof CONNECTION_PROBLEMS)[number];
