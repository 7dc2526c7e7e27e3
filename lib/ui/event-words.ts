import type { EventDto } from "@/lib/contracts/leads";
import type { BailType } from "@/lib/core/bail";
import { ERASURE_WORDS, type ErasureReason } from "@/lib/core/erasure";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";
import { type LeadStatus, STATUS_WORDS, TAKEN_BACK } from "@/lib/core/lead-status";
import { bailPhrase } from "./charge-bail";
import { EXCHANGE_WORDS } from "./consultation-event-words";
import { FIRM_WORDS, type WordsOf } from "./firm-event-words";
import { countOf } from "./format";
import type { IconName } from "./icons";
import { readableOffense } from "./readable";
import { sentence } from "./words";

/** An event for the timeline and the audit trail: its glyph, what happened, and a second line if someone said why. */
export type EventWords = { icon: IconName; text: string; more?: string };

type Data = EventDto["data"];
const textIn = (data: Data, key: string): string => (typeof data[key] === "string" ? data[key] : "");
const offenseIn = (data: Data): string => readableOffense(textIn(data, "offense"));
const statusIn = (data: Data, key: string): string => STATUS_WORDS[data[key] as LeadStatus] ?? textIn(data, key);
const bailIn = (data: Data, key: string): string => {
  const bail = data[key] as { type?: BailType; cents?: number | null } | undefined;
  return bail?.type ? bailPhrase({ bailType: bail.type, bailCents: bail.cents ?? null }) : "";
};
const contactIn = (data: Data): string => (data.kind === "email" ? "an e-mail address" : "a phone number");

const evidenceIn = (data: Data): string => EVIDENCE_TYPES[data.kind as EvidenceType]?.name ?? textIn(data, "kind");

const FIELD_WORDS: Record<string, string> = {
  custodyStatus: "custody",
  magistratedAt: "time of magistration",
  arrestedAt: "time of arrest",
  dateOfBirth: "date of birth",
  sourceUrl: "address of the form",
};

const WORDS: Record<string, WordsOf> = {
  "lead.ingested": (data) => ({
    icon: "plus",
    text: `Lead created from the form, ${countOf(Number(data.charges) || 0, "charge")}`,
  }),
  "lead.bail_changed": (data) => ({
    icon: "sources",
    text: `Form showed other bail for ${offenseIn(data)}: ${bailIn(data, "from")} → ${bailIn(data, "to")}`,
  }),
  "lead.cause_number_assigned": (data) => ({
    icon: "sources",
    text: `Cause number ${textIn(data, "causeNumber")} assigned to ${offenseIn(data)}`,
  }),
  "lead.cause_number_changed": (data) => ({
    icon: "sources",
    text: `Cause number of ${offenseIn(data)} changed: ${textIn(data, "from")} → ${textIn(data, "to") || "blank on form"}`,
  }),
  "lead.charge_added": (data) => ({
    icon: "sources",
    text: `Charge added to the form: ${offenseIn(data)}, ${bailIn(data, "bail")}`,
  }),
  "lead.charge_removed": (data) => ({ icon: "sources", text: `Charge taken off the form: ${offenseIn(data)}` }),
  "lead.details_changed": (data) => ({
    icon: "sources",
    text: `Form changed: ${(Array.isArray(data.fields) ? data.fields : []).map((field) => FIELD_WORDS[String(field)] ?? String(field)).join(", ")}`,
  }),
  "lead.withdrawn": () => ({ icon: "barred", text: "Form withdrawn by the source" }),
  "lead.reinstated": () => ({ icon: "sources", text: "Form is back on the source's list" }),
  "lead.rescored": (data) => ({ icon: "clock", text: `Score ${Number(data.from) || 0} → ${Number(data.to) || 0}` }),
  "lead.status_changed": (data, who) => ({
    icon: "reviewed",
    text: `${who} moved ${statusIn(data, "from")} → ${statusIn(data, "to")}`,
    more: [data.takenBack ? TAKEN_BACK : textIn(data, "reason"), textIn(data, "note")].filter(Boolean).join(". "),
  }),
  "lead.erased": (data) => ({
    icon: "barred",
    text: `Erased by the operator: ${ERASURE_WORDS[data.because as ErasureReason] ?? "on request"}`,
  }),
  "lead.viewed": (_, who) => ({ icon: "eye", text: `${who} opened the record` }),
  "contact.added": (data, who) => ({ icon: "plus", text: `${who} added ${contactIn(data)}` }),
  "contact.corrected": (data, who) => ({ icon: "note", text: `${who} corrected ${contactIn(data)}` }),
  "contact.removed": (data, who) => ({ icon: "close", text: `${who} removed ${contactIn(data)}` }),
  "evidence.added": (data, who) => ({ icon: "plus", text: `${who} added a file, ${evidenceIn(data)}` }),
  "evidence.refused": () => ({
    icon: "barred",
    text: "A file was refused and removed: its content did not match its name, or it could not be read",
  }),
  "evidence.opened": (_, who) => ({ icon: "eye", text: `${who} opened a file` }),
  "evidence.removed": (_, who) => ({ icon: "close", text: `${who} removed a file` }),
  "lead.enrichment_requested": (data) => ({
    icon: "refresh",
    text: `Check of a contact asked for, by ${sentence(textIn(data, "provider"))}`,
  }),
  "lead.enriched": (data) => ({ icon: "check", text: `Contact checked: ${textIn(data, "words")}` }),
  "lead.enrichment_failed": (data) => ({ icon: "warn", text: `Check of a contact failed: ${textIn(data, "kind")}` }),
};

/** An event in words. `names` are those of users and keys whose ids stand in its data. An unknown type is still shown, by its own name. */
export function eventWords(event: EventDto, names: Record<string, string> = {}): EventWords {
  const words = WORDS[event.type] ?? EXCHANGE_WORDS[event.type] ?? FIRM_WORDS[event.type];
  const whom = (field: string): string => names[textIn(event.data, field)] ?? UNNAMED[field] ?? "somebody";
  if (words) return words(event.data, event.actor.name, whom);
  const [, name = event.type] = event.type.split(".");
  return { icon: "note", text: `${event.actor.name}: ${name.replaceAll("_", " ")}` };
}

/** For an id whose row is gone. */
const UNNAMED: Record<string, string> = { userId: "a former user", keyId: "a key", newKeyId: "another one" };
