import type { ContactState } from "@/lib/contracts/leads";
import type { BailType } from "@/lib/core/bail";
import type { Band } from "@/lib/core/band";
import type { LeadStatus } from "@/lib/core/lead-status";
import type { IconName } from "./icons";

/* Words and marks of the closed lists: shape and word first, colour second. */

export const BAND_WORDS: Record<Band, string> = { hot: "Hot", warm: "Warm", cool: "Cool" };

/** A status' glyph and its tone: rings before mail, envelope for mail, arrow and calendar for talk, solid for retained, struck for closed. */
export const STATUS_MARKS: Record<LeadStatus, { icon: IconName; tone: "" | "new" | "mail" | "talk" | "won" | "shut" }> =
  {
    new: { icon: "new", tone: "new" },
    reviewed: { icon: "reviewed", tone: "" },
    qualified: { icon: "qualified", tone: "" },
    mail_queued: { icon: "mail", tone: "mail" },
    mailed: { icon: "mailed", tone: "mail" },
    responded: { icon: "responded", tone: "talk" },
    consultation: { icon: "calendar", tone: "talk" },
    retained: { icon: "retained", tone: "won" },
    lost: { icon: "lost", tone: "shut" },
    dismissed: { icon: "barred", tone: "shut" },
  };

/** A kind of bail inside a line: `surety`. */
export const BAIL_TYPE_WORDS: Record<BailType, string> = {
  surety: "surety",
  cash: "cash",
  cash_or_surety: "cash or surety",
  personal: "personal",
  property: "property",
  denied: "denied",
  not_set: "not set",
  blank: "type blank",
  unknown: "other type",
};

export const CONTACT_STATE_WORDS: Record<ContactState, string> = {
  none: "None on file",
  unchecked: "Not checked yet",
  checking: "Checking…",
  failed: "Lookup failed",
  mobile_valid: "Mobile, valid",
  landline_valid: "Landline, valid",
  voip_valid: "Internet, valid",
  phone_valid: "Phone, valid",
  phone_invalid: "Number invalid",
  email_deliverable: "E-mail, valid",
  email_risky: "E-mail, risky",
  email_undeliverable: "E-mail invalid",
  email_unknown: "E-mail, unsure",
};

/** First letter upper case: `surety` at the start of a cell. */
export const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
