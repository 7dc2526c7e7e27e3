import type { AuditGroup } from "@/lib/core/audit-group";
import { formatInstant } from "./format";
import { sentence } from "./words";

export const AUDIT_GROUP_WORDS: Record<AuditGroup, string> = {
  auth: "Signing in",
  user: "Users",
  api_key: "API keys",
  firm: "The firm",
  domain: "Domains",
  lead: "Leads",
  contact: "Contacts",
  evidence: "Files of leads",
  consultation: "Consultations",
  connection: "Connections",
  sync: "Exchange with other services",
  ingest: "Sources",
  export: "Prepared exports",
  import: "Imported lists",
  audit: "Audit trail",
};

/** The kind of an event as a choice: `sign in failed` of `auth.sign_in_failed`. */
export const typeWords = (type: string): string => sentence((type.split(".")[1] ?? type).replaceAll("_", " "));

/** A field's name as people read it: `Old until` of `oldUntil`. */
const fieldWords = (field: string): string => sentence(field.replace(/([A-Z])/g, " $1").toLowerCase());

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

type Place = { names: Record<string, string>; timeZone: string; now: string };

function valueWords(value: unknown, place: Place): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") {
    if (INSTANT.test(value)) return formatInstant(value, place.timeZone, place.now);
    return place.names[value] ? `${place.names[value]} (${value})` : value;
  }
  if (Array.isArray(value)) return value.map((each) => valueWords(each, place)).join(", ") || "none";
  if (typeof value === "object") {
    const parts = Object.entries(value).map(([field, each]) => `${fieldWords(field)}: ${valueWords(each, place)}`);
    return parts.join("; ") || "none";
  }
  return String(value);
}

/** The data of an event as lines of a definition list. */
export const detailLines = (data: Record<string, unknown>, place: Place): { field: string; value: string }[] =>
  Object.entries(data).map(([field, value]) => {
    const isNamed = typeof value === "string" && place.names[value] !== undefined;
    return { field: fieldWords(isNamed ? field.replace(/Id$/, "") : field), value: valueWords(value, place) };
  });
