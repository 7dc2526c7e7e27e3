import { z } from "zod";
import type { CONTACT_KINDS } from "./leads";

/** The kinds of line that a phone look-up tells apart; `unknown` when the carrier says nothing. */
export const LINE_TYPES = [
  "landline",
  "mobile",
  "fixedVoip",
  "nonFixedVoip",
  "personal",
  "tollFree",
  "premium",
  "sharedCost",
  "uan",
  "voicemail",
  "pager",
  "unknown",
] as const;
export type LineType = (typeof LINE_TYPES)[number];

/** What is known of a phone number. It never holds the number itself. */
export const PhoneCheck = z.strictObject({
  /** In an assignable range: not proof of a live line. */
  valid: z.boolean(),
  /** Why it is not valid, in the provider's words. */
  reasons: z.array(z.string()),
  lineType: z.enum(LINE_TYPES).nullable(),
  carrier: z.string().nullable(),
  country: z.string().nullable(),
  /** The provider's code when the kind of line could not be read although the number could. */
  lineProblem: z.int().nullable(),
});
export type PhoneCheck = z.infer<typeof PhoneCheck>;

/** What a mailbox check can say. `risky` takes mail that may bounce or be read by nobody. */
export const EMAIL_VERDICTS = ["deliverable", "undeliverable", "risky", "unknown"] as const;

/** What is known of an e-mail address. It never holds the address itself. */
export const EmailCheck = z.strictObject({
  verdict: z.enum(EMAIL_VERDICTS),
  reason: z.string(),
  role: z.boolean(),
  free: z.boolean(),
  disposable: z.boolean(),
  acceptAll: z.boolean(),
  /** The provider's guess at what was meant, without the part before the @. */
  suggestedDomain: z.string().nullable(),
  /** 0 to 1. */
  quality: z.number().nullable(),
});
export type EmailCheck = z.infer<typeof EmailCheck>;

const DAY = 86_400_000;

type ProviderFacts = {
  /** As people know it: `Twilio did not answer.` */
  label: string;
  kind: (typeof CONTACT_KINDS)[number];
  result: z.ZodType<PhoneCheck | EmailCheck>;
  /** How long an answer is reused instead of paid again. */
  freshForMs: number;
  /** The same for an answer that says "cannot tell". */
  unsureForMs: number;
  /** What one firm may ask in a day of its own time zone, until its row in vendor_budget says otherwise. */
  dailyLimit: number;
  /** Calls that one firm may have under way at once. */
  concurrencyLimit: number;
};

/**
 * Every outside service that checks a contact. Carriers and mailboxes change slowly, so an answer holds for two months; mailboxes
 * fill up and close sooner than numbers move. The limits keep one firm's mistake (an import of 50,000 numbers) from becoming a bill.
 */
export const PROVIDERS = {
  twilio: {
    label: "Twilio",
    kind: "phone",
    result: PhoneCheck,
    freshForMs: 60 * DAY,
    unsureForMs: 60 * DAY,
    dailyLimit: 2000,
    concurrencyLimit: 10,
  },
  kickbox: {
    label: "Kickbox",
    kind: "email",
    result: EmailCheck,
    freshForMs: 45 * DAY,
    unsureForMs: DAY,
    dailyLimit: 2000,
    concurrencyLimit: 5,
  },
} as const satisfies Record<string, ProviderFacts>;

export type ProviderName = keyof typeof PROVIDERS;
/** The names of all providers, in the order of the table. */
export const PROVIDER_NAMES = Object.keys(PROVIDERS) as ProviderName[];

/** What an answer of a provider can be to its bill. */
export type Charged = "found" | "unsure" | "not_found";

/**
 * What one check costs by list price, in millionths of a dollar, as inputs of 2026-11-22 that were stated from memory and stand on no bill: Twilio's line type
 * intelligence at 0.008 USD, a check of Kickbox in its smallest package at 0.01 USD. Correct them by the contract; the numbers of cost follow.
 */
export const LIST_PRICES: Record<ProviderName, { microUsd: number; chargedFor: readonly Charged[] }> = {
  twilio: { microUsd: 8_000, chargedFor: ["found"] },
  kickbox: { microUsd: 10_000, chargedFor: ["found"] },
};

/** The name as people know it; an unfamiliar one as it is. */
export const providerLabel = (name: string): string =>
  (PROVIDERS as Record<string, ProviderFacts>)[name]?.label ?? name;

/** What a provider checks; null for an unfamiliar one. */
export const providerKind = (name: string): ProviderFacts["kind"] | null =>
  (PROVIDERS as Record<string, ProviderFacts>)[name]?.kind ?? null;

/** Why a check is not done: a kind of vendor failure, or one of ours. Stored in `enrichment.problem`. */
export const LOOKUP_PROBLEMS = [
  "timeout",
  "throttled",
  "rejected",
  "unavailable",
  "garbled",
  /** No key, or the provider refuses it. */
  "not_configured",
  /** The provider asked for quiet, is down or refuses our key: nobody calls it before a time. */
  "paused",
  /** The firm's daily limit is used up. */
  "budget",
  /** The provider answered, but could not tell yet. */
  "unsure",
  /** The stored value does not open with the keys we have. */
  "unreadable",
] as const;
export type LookupProblem = (typeof LOOKUP_PROBLEMS)[number];
