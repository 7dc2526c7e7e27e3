import type { CrmFact } from "@/lib/contracts/connections";
import { normalizeEmail } from "@/lib/core/email";
import { LEAD_STATUSES, type LeadStatus, STATUS_WORDS } from "@/lib/core/lead-status";
import type { FieldBase } from "@/lib/core/merge-fields";
import { normalizePhone } from "@/lib/core/phone";
import { blindIndex } from "@/lib/platform/crypto";

/** A value as it goes over the wire; null empties the field. */
export type CrmValue = string | number | null;

/** What a link remembers of each fact: keyed digests, never values. `at`: when both sides last had it alike. */
export type CrmSnapshot = Partial<Record<CrmFact, FieldBase & { at: string }>>;

/** The snapshot of a link, as it was stored. */
export const snapshotOf = (stored: unknown): CrmSnapshot =>
  typeof stored === "object" && stored !== null ? (stored as CrmSnapshot) : {};

/**
 * The words for a status that a CRM may have, best first: ours, then those that Zoho is delivered with. Several of ours can share one of theirs.
 */
const STATUS_NAMES: Record<LeadStatus, readonly string[]> = {
  new: ["Not Contacted"],
  reviewed: ["Not Contacted"],
  qualified: ["Not Contacted"],
  mail_queued: ["Attempted to Contact", "Not Contacted"],
  mailed: ["Attempted to Contact", "Not Contacted"],
  responded: ["Contacted"],
  consultation: ["Pre-Qualified", "Contacted"],
  retained: ["Converted", "Pre-Qualified", "Contacted"],
  lost: ["Lost Lead"],
  dismissed: ["Junk Lead", "Not Qualified", "Lost Lead"],
};

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** The word for a status in this CRM: of its pick list, or ours where the field takes any text; null when the list has none. */
export function statusWord(status: LeadStatus, options: readonly string[]): string | null {
  if (options.length === 0) return STATUS_WORDS[status];
  const names = [STATUS_WORDS[status], ...STATUS_NAMES[status]];
  for (const name of names) {
    const option = options.find((each) => same(each, name));
    if (option !== undefined) return option;
  }
  return null;
}

/** The statuses that a word of this CRM can mean, in the order of the pipeline. */
export function statusesOf(word: string, options: readonly string[]): LeadStatus[] {
  return LEAD_STATUSES.filter((status) => same(statusWord(status, options) ?? "", word));
}

/** The form in which both sides' values are compared: a number as it is dialled, an address in lower case. Null for what says nothing. */
export function comparable(fact: CrmFact, value: CrmValue | undefined): string | null {
  const text = String(value ?? "").trim();
  if (text === "" || text === "-None-") return null;
  if (fact === "phone") return normalizePhone(text) ?? text;
  if (fact === "email") return normalizeEmail(text) ?? text.toLowerCase();
  if (fact === "status") return text.toLowerCase();
  return text;
}

/** The keyed digest of a value of a fact; null for none. Two firms' digests of one value differ. */
export function digestOf(tenantId: string, fact: CrmFact, value: CrmValue | undefined): string | null {
  const text = comparable(fact, value);
  return text === null ? null : blindIndex(text, { tenantId, purpose: `crm.${fact}` });
}
