import { z } from "zod";
import { EVENTS, type EventType } from "@/lib/domain/events/catalog";
import { table } from "./table";

/** When each event is recorded. A new event does not compile until it is described. */
const WORDS: Record<EventType, string> = {
  "lead.ingested": "A form was seen for the first time.",
  "lead.bail_changed": "The bail of one charge is another than at the look before.",
  "lead.cause_number_assigned": "A charge without a cause number has one now.",
  "lead.cause_number_changed": "A cause number is another one, or gone.",
  "lead.charge_added": "The form shows an offense that it did not show before.",
  "lead.charge_removed": "The form no longer shows an offense.",
  "lead.details_changed": "Something else on the form changed; the event names the fields, not their values.",
  "lead.withdrawn": "The form left the source's list.",
  "lead.reinstated": "A withdrawn form is on the list again.",
  "lead.rescored": "Time alone moved the lead to another band.",
  "lead.status_changed":
    "Somebody moved the lead through the pipeline. Reason and note are kept beside the lead: its page and `GET /api/leads/{id}` give `reason` and `note` in place of the ids. `takenBack` when the undo of an import dismissed it; ingest moves such a lead back to new when it is shown again.",
  "lead.erased":
    "The operator erased the person: every row and file of the lead is gone, and the same record does not come back. `erasureId` is that of the certificate.",
  "lead.viewed": "Somebody opened the lead; once per reader and lead in 15 minutes.",
  "leads.listed": "Somebody read a list; once per reader and filter in 5 minutes.",
  "lead.exported": "An export began; recorded before its first byte.",
  "lead.export_finished": "An export ended, whole (`complete`) or broken off, with the number of rows that went out.",
  "contact.added": "A phone number or e-mail address was added, by the firm or by the source.",
  "contact.corrected": "A contact was corrected; the event names the fields, not their values.",
  "contact.removed": "A contact was erased with everything found out about it.",
  "evidence.added":
    "A file to be kept with the lead has come. It opens once its bytes were looked at; its name is in no event.",
  "evidence.refused": "A file was not what it said or could not be read, and was removed; `reason` is why.",
  "evidence.opened": "Somebody opened a file kept with the lead; once per reader and file in 15 minutes.",
  "evidence.removed": "A file kept with the lead was removed.",
  "lead.enrichment_requested": "A check of a contact was asked for and its job enqueued.",
  "lead.enriched": "A provider's answer was stored, or a fresh one for the same value was used again.",
  "lead.enrichment_failed": "A check was given up, for now or for good; `kind` is the reason.",
  "auth.signed_in": "A person signed in, with password and second factor.",
  "auth.password_accepted": "A password was right; the second factor was asked for. No session exists yet.",
  "auth.factor_failed": "A code or passkey was wrong, spent or somebody else's.",
  "auth.stepped_up": "A person showed the second factor again, for something that needs a fresh one.",
  "auth.session_revoked": "One session was ended by its user or an admin.",
  "auth.sessions_revoked": "Sessions of a user were ended together, and why.",
  "auth.password_changed": "A person chose a new password, knowing the old one.",
  "auth.password_recovered": "A person chose a new password through a one-time link.",
  "auth.totp_enrolled": "An authenticator was set up and its first code taken.",
  "auth.recovery_codes_made": "Ten recovery codes were made; those from before no longer work.",
  "auth.recovery_code_used": "A recovery code stood in for the authenticator; `left` remain.",
  "auth.passkey_added": "A passkey was registered.",
  "auth.passkey_removed": "A passkey was removed.",
  "auth.sign_in_failed": "A try to sign in was refused; whoever tried was told nothing of the reason.",
  "auth.account_locked": "Too many wrong tries in a row shut an account for a while.",
  "auth.signed_out": "A person signed out.",
  "user.alerts_changed": "A person chose whether to hear of new HOT leads by e-mail, by text message, or not at all.",
  "user.alert_code_sent": "A code was sent to the phone that a person gave for alerts. No event has the number.",
  "user.alert_phone_confirmed": "The code came back: texts go to that phone from then on.",
  "user.alert_phone_removed": "A person removed the phone for alerts; no texts go there any more.",
  "user.alerted":
    "A message about new HOT leads was handed to the service that carries it; `leads` says of how many it told, `messageId` is the service's.",
  "user.alert_failed":
    "Alerts for a person were given up: `problem` says why, `leads` of how many they would have told.",
  "user.invited": "An admin invited a person, or invited them anew.",
  "user.invitation_withdrawn": "An invitation that nobody had taken up was taken back.",
  "user.joined": "An invited person chose a password and set up an authenticator.",
  "user.link_made": "An admin made a one-time link for a user.",
  "user.profile_changed": "A user's own data changed; the event names the fields, not their values.",
  "user.role_changed": "A user was given another role.",
  "user.scope_changed": "A user was given other counties or charges.",
  "user.disabled": "A user was shut out; every session ended.",
  "user.enabled": "A user was let in again.",
  "user.factor_reset": "An admin removed a user's second factors; a one-time link sets up new ones.",
  "api_key.created": "An API key was made.",
  "api_key.rotated": "A key was replaced; the old one works until `oldUntil`.",
  "api_key.revoked": "A key was revoked, with effect from the next request.",
  "domain.added": "A domain of the firm's own was added, not yet proven.",
  "domain.verified": "A domain's TXT record was found: the firm answers there.",
  "domain.check_failed": "A domain's TXT record was looked for and not found.",
  "domain.lapsed": "A verified domain's record was gone for two weeks: the firm no longer answers there.",
  "domain.removed": "A domain was removed: the firm no longer answers there.",
  "firm.created": "The firm was made.",
  "firm.suspended": "The firm was shut: nobody and no key gets in.",
  "firm.reactivated": "The firm was opened again.",
  "firm.closed": "The firm is leaving; its data are erased after `eraseAfter`.",
  "firm.exported": "Everything of the firm was written out for it to take along.",
  "firm.fields_reencrypted": "Encrypted fields were written anew under another key.",
  "audit.viewed": "Somebody read the audit trail; once per reader and filter in 5 minutes.",
  "audit.exported": "A CSV of the audit trail began; recorded before its first byte.",
  "import.uploaded": "Somebody sent the file of a list to be imported.",
  "import.started": "Somebody said that a list is to be imported, or that an import is to go on.",
  "import.finished": "An import ended, with what became of its rows; `complete` is false when it broke off.",
  "import.canceled":
    "Somebody removed an import before it wrote a lead, or stopped one that was writing after so many rows.",
  "import.undo_started": "Somebody asked to take back what an import brought.",
  "import.undone":
    "An import was taken back: so many leads withdrawn and dismissed, and so many kept because they were worked on since.",
  "export.fetched": "Somebody fetched the file of a prepared export.",
  "export.removed": "Somebody removed a prepared export, or stopped one that was under way.",
  "audit.export_finished": "A CSV of the audit trail ended, with the number of rows that went out.",
  "lead.opened": "Somebody whom no lead stood for booked a consultation, and became a lead of the firm's own.",
  "consultation.booked": "A consultation was booked, by the person or by the firm.",
  "consultation.moved": "A consultation was moved to another time.",
  "consultation.changed": "Something else of a booking changed; the event names the fields, not their values.",
  "consultation.canceled": "A consultation was canceled.",
  "consultation.reinstated": "A canceled or missed consultation stands again.",
  "consultation.no_show": "Whoever books elsewhere marked the person as not come.",
  "consultation.relinked": "A consultation was put under another lead; recorded for both.",
  "consultation.outcome_set": "The firm said what came of a consultation, or took it back.",
  "consultation.attendance_set": "Somebody was there or was not: counted from the meeting, or a person's word.",
  "consultation.listed": "Somebody read a list of consultations; once per reader and filter in 5 minutes.",
  "consultation.feed_made":
    "A user made an address at which calendar programs read the firm's consultations; one from before ended.",
  "consultation.feed_ended": "A user ended that address.",
  "consultation.feed_read": "A calendar program read a user's address; once in 24 hours.",
  "connection.begun": "An admin went to another service to connect it.",
  "connection.made": "Another service was connected.",
  "connection.renewed": "The access to another service was renewed.",
  "connection.broken": "A connection stopped working for a reason that a person has to look at.",
  "connection.restored": "A broken connection works again.",
  "connection.changed": "What a connection does was changed; the event names the settings.",
  "connection.removed": "A connection was taken away, here or there, and everything that opened it was erased.",
  "sync.fetched": "Something was read at another service: how many items, and why.",
  "sync.written": "Something was written at another service.",
  "sync.field_decided": "Both sides had changed a field; the rule of the mapping decided whose word counts.",
  "sync.removed_there": "What stood for ours at the other side was removed there.",
  "sync.backfilled": "The first pull of a resource is complete.",
  "sync.compared": "Ours and theirs were compared.",
  "ingest.run_started": "A worker opened a run.",
  "ingest.run_finished": "A run ended, or its end was corrected.",
  "ingest.rows_rejected": "A batch had rows that were not taken; `juvenile` of them for the person's age.",
};

type Json = {
  type?: string | string[];
  enum?: unknown[];
  properties?: Record<string, Json>;
  items?: Json;
  anyOf?: Json[];
};

/** The events room by room, each with the facts it carries. */
export function eventSections(): string {
  const types = Object.keys(EVENTS) as EventType[];
  const rooms = [...new Set(types.map(roomOf))];
  return rooms
    .map((room) => {
      const rows = types
        .filter((type) => roomOf(type) === room)
        .map((type) => [`\`${type}\``, WORDS[type], factsOf(type)]);
      return `## ${room}\n\n${table(["type", "recorded when", "`data`"], rows)}`;
    })
    .join("\n\n");
}

const roomOf = (type: EventType): string => {
  const room = type.split(".")[0] ?? "";
  return room === "leads" ? "lead" : room;
};

function factsOf(type: EventType): string {
  const { properties = {} } = z.toJSONSchema(EVENTS[type]) as Json;
  return Object.entries(properties)
    .map(([name, schema]) => `\`${name}\`: ${wordsOf(schema)}`)
    .join("; ");
}

function wordsOf(schema: Json): string {
  if (schema.enum) return schema.enum.length > 9 ? "one of the known words" : schema.enum.join(", ");
  if (schema.anyOf) return schema.anyOf.map(wordsOf).join(" or ");
  if (schema.type === "array") return `list of ${wordsOf(schema.items ?? {})}`;
  if (schema.properties) return `{ ${Object.keys(schema.properties).join(", ")} }`;
  return [schema.type ?? "any value"].flat().join(" or ");
}
