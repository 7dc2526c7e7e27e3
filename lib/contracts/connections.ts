import { z } from "zod";
import { CONNECTION_MODES, CONNECTION_PROBLEMS, CONNECTOR_NAMES } from "@/lib/core/connectors";
import { text } from "@/lib/core/text";

const instant = z.string();
const provider = z.enum(CONNECTOR_NAMES as [(typeof CONNECTOR_NAMES)[number], ...typeof CONNECTOR_NAMES]);

/** How far the pull of one resource is. `done` of `total` during the first pull; null when the total is not known. */
export const SyncProgress = z.strictObject({
  resource: z.string(),
  phase: z.enum(["backfill", "incremental"]),
  done: z.int(),
  total: z.int().nullable(),
  finishedAt: instant.nullable(),
  nextRunAt: instant,
  problem: z.string().nullable(),
});
export type SyncProgress = z.infer<typeof SyncProgress>;

/** Ours beside theirs, as last compared. `items`: at most a hundred that differ, by id. */
export const DriftReport = z.strictObject({
  checkedAt: instant,
  ours: z.int(),
  theirs: z.int(),
  onlyOurs: z.int(),
  onlyTheirs: z.int(),
  different: z.int(),
  items: z.array(
    z.strictObject({
      leadId: z.string().nullable(),
      consultationId: z.string().nullable(),
      externalId: z.string().nullable(),
      what: z.enum(["only_ours", "only_theirs", "different"]),
      /** Names of the fields that differ, or why one is missing. */
      fields: z.array(z.string()),
    }),
  ),
});
export type DriftReport = z.infer<typeof DriftReport>;

/** A connection of the firm, without anything that opens a door. */
export const ConnectionDto = z.strictObject({
  id: z.string(),
  provider,
  mode: z.enum(CONNECTION_MODES),
  state: z.enum(["connected", "broken"]),
  account: z.string(),
  scopes: z.array(z.string()),
  connectedAt: instant,
  connectedBy: z.string(),
  lastOkAt: instant.nullable(),
  problem: z.enum(CONNECTION_PROBLEMS).nullable(),
  problemAt: instant.nullable(),
  /** Credits or calls left at the other side, where it says so. */
  quotaLeft: z.int().nullable(),
  quotaAt: instant.nullable(),
  /** What a person chose: `calendarId`, `dataCenter`... */
  settings: z.record(z.string(), z.string()),
  /** Where the firm's own app has to send its webhooks; null where we see to that. */
  webhookUrl: z.string().nullable(),
  sync: z.array(SyncProgress),
  drift: DriftReport.nullable(),
});
export type ConnectionDto = z.infer<typeof ConnectionDto>;

/** The reply of `GET /api/connections`: one entry per service; `connection` null when it is not connected, `modes` those that are possible here. */
export const ConnectionList = z.strictObject({
  services: z.array(
    z.strictObject({
      provider,
      modes: z.array(z.enum(CONNECTION_MODES)),
      connection: ConnectionDto.nullable(),
    }),
  ),
});
export type ConnectionList = z.infer<typeof ConnectionList>;

/** The body of `POST /api/connections/{provider}/authorize`: `dataCenter` only for Zoho. */
export const BeginConnecting = z.strictObject({
  dataCenter: z.enum(["us", "eu", "in", "au", "cn", "jp", "ca", "sa"]).optional(),
});
export type BeginConnecting = z.infer<typeof BeginConnecting>;

/** Why nothing came of connecting a service, in words for the person who comes back from there; `/settings/connections?problem=` names one. */
export const CONNECTING_PROBLEMS = {
  denied: "You did not allow it there, so nothing was connected. Connect again whenever you like.",
  expired: "It took longer than ten minutes, or was finished before. Connect again.",
  mismatch:
    "This answer does not belong to what you began here, so nothing was connected. Connect again, in this browser.",
  refused: "The service refused. Nothing was connected. Try again; if it keeps refusing, ask whoever runs Arrestra.",
  scopes:
    "Some of the rights that Arrestra needs were not given, so nothing was connected. Connect again and leave all of them ticked.",
  unavailable: "The service did not answer. Nothing was connected. Try again in a few minutes.",
} as const;
export type ConnectingProblem = keyof typeof CONNECTING_PROBLEMS;

/** The reply: where the browser goes to say yes. */
export const ConnectingAt = z.strictObject({ url: z.string() });
export type ConnectingAt = z.infer<typeof ConnectingAt>;

/** The body of `POST /api/connections/{provider}/key`: what the firm copies from its own account. */
export const ConnectWithKey = z.discriminatedUnion("provider", [
  z.strictObject({
    provider: z.literal("acuity"),
    userId: text(20).regex(/^\d+$/, "must be the numeric user ID, not the e-mail address"),
    apiKey: text(200),
  }),
  z.strictObject({
    provider: z.literal("zoom"),
    accountId: text(100),
    clientId: text(100),
    clientSecret: text(200),
    webhookSecret: text(200),
    /** The user whose meetings these are: id or e-mail. `me` does not exist in this mode. */
    hostId: text(200),
  }),
]);
export type ConnectWithKey = z.infer<typeof ConnectWithKey>;

/** The body of `PATCH /api/connections/{provider}`: which calendar the consultations are written to (Google). */
export const ChangeConnection = z.strictObject({
  calendarId: text(300).optional(),
  invitesAttendees: z.boolean().optional(),
});
export type ChangeConnection = z.infer<typeof ChangeConnection>;

/** The reply of `POST /api/connections/{provider}/sync`: how many pulls were asked for. */
export const SyncStarted = z.strictObject({ pulls: z.int() });
export type SyncStarted = z.infer<typeof SyncStarted>;

/** The reply of `GET /api/connections/google/calendars`: those that consultations may be written to, the primary one first. */
export const CalendarList = z.strictObject({
  calendars: z.array(z.strictObject({ id: z.string(), name: z.string(), isPrimary: z.boolean() })),
});
export type CalendarList = z.infer<typeof CalendarList>;

/** What of ours a field of the CRM can hold. `isPulled`: a change there comes back to us. */
export const CRM_FACTS = {
  firstName: { label: "First name", isPulled: false },
  lastName: { label: "Last name", isPulled: false },
  phone: { label: "Phone", isPulled: true },
  email: { label: "E-mail", isPulled: true },
  status: { label: "Status", isPulled: true },
  county: { label: "County", isPulled: false },
  offense: { label: "Offense", isPulled: false },
  bailTotal: { label: "Bail, total", isPulled: false },
  arrestedOn: { label: "Arrested on", isPulled: false },
  causeNumbers: { label: "Cause numbers", isPulled: false },
  nextConsultation: { label: "Next consultation", isPulled: false },
  leadUrl: { label: "Link to the lead here", isPulled: false },
} as const;
export type CrmFact = keyof typeof CRM_FACTS;
/** Their names, in the order of the table. */
export const CRM_FACT_NAMES = Object.keys(CRM_FACTS) as [CrmFact, ...CrmFact[]];

/** Whose word counts when both sides changed a field since they last agreed. */
export const CRM_RULES = ["ours", "theirs", "newest"] as const;
export type CrmRule = (typeof CRM_RULES)[number];

/** One line of the mapping. */
export const CrmField = z.strictObject({
  ours: z.enum(CRM_FACT_NAMES),
  theirs: text(100)
    .regex(/^[A-Za-z]\w*$/, "must be the API name of a field")
    .refine((name) => !(name in {}), "must be the API name of a field"),
  rule: z.enum(CRM_RULES),
});
export type CrmField = z.infer<typeof CrmField>;

/** The body of `PUT /api/connections/zoho/fields`, and with the fields there are at Zoho the reply of `GET`. */
export const CrmMapping = z.strictObject({ fields: z.array(CrmField).max(CRM_FACT_NAMES.length) });
export type CrmMapping = z.infer<typeof CrmMapping>;
/** The reply of `GET /api/connections/zoho/fields`: the mapping, and the fields there are. */
export const CrmMappingPage = CrmMapping.extend({
  available: z.array(z.strictObject({ name: z.string(), label: z.string(), type: z.string() })),
});
export type CrmMappingPage = z.infer<typeof CrmMappingPage>;
