import { z } from "zod";
import { CRM_FACT_NAMES, CRM_RULES } from "@/lib/contracts/connections";
import { CONNECTION_MODES, CONNECTION_PROBLEMS, CONNECTOR_NAMES } from "@/lib/core/connectors";
import { ATTENDANCE_STATES, CONSULTATION_OUTCOMES, CONSULTATION_STATES } from "@/lib/core/consultation";

const instant = z.string();
const consultationId = z.string();
const provider = z.enum(CONNECTOR_NAMES as [(typeof CONNECTOR_NAMES)[number], ...typeof CONNECTOR_NAMES]);
const connection = { connectionId: z.string(), provider };
const origin = z.enum(["acuity", "firm"]);
/** What made us ask: a person, the other side, the clock, or a change of ours. */
const because = z.enum(["person", "webhook", "schedule", "change"]);

/** What happens to consultations, to the connections behind them, and each exchange with another service. */
export const CONSULTATION_EVENTS = {
  "lead.opened": z.strictObject({ source: z.string(), consultationId }),
  "consultation.booked": z.strictObject({ consultationId, origin, startsAt: instant }),
  "consultation.moved": z.strictObject({ consultationId, from: instant, to: instant }),
  "consultation.changed": z.strictObject({ consultationId, fields: z.array(z.string()) }),
  "consultation.canceled": z.strictObject({ consultationId }),
  "consultation.reinstated": z.strictObject({ consultationId }),
  "consultation.no_show": z.strictObject({ consultationId }),
  "consultation.relinked": z.strictObject({ consultationId, fromLeadId: z.string(), toLeadId: z.string() }),
  "consultation.outcome_set": z.strictObject({
    consultationId,
    from: z.enum(CONSULTATION_OUTCOMES).nullable(),
    to: z.enum(CONSULTATION_OUTCOMES).nullable(),
  }),
  "consultation.attendance_set": z.strictObject({
    consultationId,
    attendance: z.enum(ATTENDANCE_STATES),
    by: z.enum(["zoom", "person"]),
    seconds: z.int().nullable(),
  }),
  "consultation.listed": z.strictObject({
    /** UTC days. */
    from: z.string().nullable(),
    to: z.string().nullable(),
    leadId: z.string().nullable(),
    states: z.array(z.enum(CONSULTATION_STATES)),
  }),
  "consultation.feed_made": z.strictObject({ userId: z.string(), showsNames: z.boolean() }),
  "consultation.feed_ended": z.strictObject({ userId: z.string() }),
  "consultation.feed_read": z.strictObject({ userId: z.string() }),
  "connection.begun": z.strictObject({ provider }),
  "connection.made": z.strictObject({ ...connection, mode: z.enum(CONNECTION_MODES), scopes: z.array(z.string()) }),
  "connection.renewed": z.strictObject(connection),
  "connection.broken": z.strictObject({ ...connection, problem: z.enum(CONNECTION_PROBLEMS) }),
  "connection.restored": z.strictObject(connection),
  "connection.changed": z.strictObject({ ...connection, fields: z.array(z.string()) }),
  "connection.removed": z.strictObject({
    ...connection,
    because: z.enum(["asked", "deauthorized", "replaced"]),
    isRevoked: z.boolean(),
  }),
  "sync.fetched": z.strictObject({ ...connection, resource: z.string(), items: z.int(), because }),
  "sync.written": z.strictObject({
    ...connection,
    resource: z.string(),
    action: z.enum(["created", "updated", "removed"]),
    externalId: z.string().nullable(),
  }),
  "sync.field_decided": z.strictObject({
    ...connection,
    field: z.enum(CRM_FACT_NAMES),
    rule: z.enum(CRM_RULES),
    kept: z.enum(["ours", "theirs"]),
  }),
  "sync.removed_there": z.strictObject({ ...connection, resource: z.string(), externalId: z.string() }),
  "sync.backfilled": z.strictObject({ ...connection, resource: z.string(), items: z.int() }),
  "sync.compared": z.strictObject({
    ...connection,
    ours: z.int(),
    theirs: z.int(),
    onlyOurs: z.int(),
    onlyTheirs: z.int(),
    different: z.int(),
  }),
} as const;
