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
  "lead.status_changed": "Somebody moved the lead through the pipeline.",
  "lead.viewed": "Somebody opened the lead; once per reader and lead in 15 minutes.",
  "leads.listed": "Somebody read a list; once per reader and filter in 5 minutes.",
  "lead.exported": "An export began; recorded before its first byte.",
  "lead.export_finished": "An export ended, whole (`complete`) or broken off, with the number of rows that went out.",
  "contact.added": "A phone number or e-mail address was added, by the firm or by the source.",
  "contact.corrected": "A contact was corrected; the event names the fields, not their values.",
  "contact.removed": "A contact was erased with everything found out about it.",
  "lead.enrichment_requested": "A check of a contact was asked for and its job enqueued.",
  "lead.enriched": "A provider's answer was stored, or a fresh one for the same value was used again.",
  "lead.enrichment_failed": "A check was given up, for now or for good; `kind` is the reason.",
  "auth.signed_in": "A person signed in.",
  "auth.sign_in_failed": "A try to sign in was refused; whoever tried was told nothing of the reason.",
  "auth.account_locked": "Too many wrong tries in a row shut an account for a while.",
  "auth.signed_out": "A person signed out.",
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
