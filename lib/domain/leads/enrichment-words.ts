import {
  type EmailCheck,
  type LineType,
  type LookupProblem,
  type PhoneCheck,
  providerKind,
  providerLabel,
} from "@/lib/contracts/providers";
import { localDate } from "@/lib/core/local-time";

const LINES: Record<LineType, string | null> = {
  mobile: "Mobile",
  landline: "Landline",
  fixedVoip: "Internet line at an address",
  nonFixedVoip: "Internet line",
  personal: "Personal number",
  tollFree: "Toll-free number",
  premium: "Premium-rate number",
  sharedCost: "Shared-cost number",
  uan: "Company number",
  voicemail: "Voicemail only",
  pager: "Pager",
  unknown: null,
};

const NUMBER_FAULTS: Record<string, string> = {
  TOO_SHORT: "it is too short",
  TOO_LONG: "it is too long",
  INVALID_BUT_POSSIBLE: "no carrier has been given it",
  INVALID_COUNTRY_CODE: "there is no such country code",
  INVALID_LENGTH: "it has the wrong length",
  NOT_A_NUMBER: "it is no phone number",
};

function phoneWords({ valid, reasons, lineType, carrier, lineProblem }: PhoneCheck): string {
  if (!valid) {
    const why = reasons.map((reason) => NUMBER_FAULTS[reason]).find(Boolean);
    return why ? `Not a valid number: ${why}.` : "Not a valid number.";
  }
  const line = lineType === null ? null : LINES[lineType];
  if (line) return `${[line, carrier].filter(Boolean).join(", ")}. Valid.`;
  return lineProblem === null ? "Valid. The kind of line is not known." : "Valid. The kind of line could not be read.";
}

const MAIL_FAULTS: Record<string, string> = {
  invalid_email: "it is no e-mail address",
  invalid_domain: "the domain does not exist",
  rejected_email: "the mailbox does not exist",
  invalid_smtp: "the mail server gives broken answers",
};

const UNSURE: Record<string, string> = {
  no_connect: "the mail server cannot be reached",
  timeout: "the mail server did not answer in time",
  unavailable_smtp: "the mail server was not available",
};

function emailWords(check: EmailCheck): string {
  const meant = check.suggestedDomain ? ` Perhaps @${check.suggestedDomain} was meant.` : "";
  return `${verdictWords(check)}${meant}`;
}

function verdictWords({ verdict, reason, role, disposable, acceptAll }: EmailCheck): string {
  if (verdict === "deliverable") return role ? "Deliverable. A shared mailbox." : "Deliverable.";
  if (verdict === "undeliverable") return `Undeliverable: ${MAIL_FAULTS[reason] ?? "the mail server refuses it"}.`;
  if (verdict === "unknown") return `Cannot be confirmed: ${UNSURE[reason] ?? "the mail server gave no clear answer"}.`;
  if (disposable) return "Risky: a throw-away address.";
  if (acceptAll) return "Accepts any address, so delivery cannot be confirmed.";
  if (role) return "Risky: a shared mailbox.";
  return reason === "low_deliverability" ? "Risky: delivery is unlikely." : "Risky: an address of poor quality.";
}

/** An answer in one plain sentence: `Mobile, T-Mobile. Valid.` What it says follows from what the provider checks, a number or an address. */
export function answerWords(provider: string, state: "found" | "not_found", result: unknown): string {
  const isPhone = providerKind(provider) === "phone";
  if (state === "not_found") return isPhone ? "Not in service." : "Not a known address.";
  return isPhone ? phoneWords(result as PhoneCheck) : emailWords(result as EmailCheck);
}

const PROBLEMS: Record<LookupProblem, (label: string) => string> = {
  timeout: (label) => `${label} did not answer`,
  unavailable: (label) => `${label} is not available`,
  throttled: (label) => `${label} asked us to wait`,
  garbled: (label) => `${label} sent an answer that cannot be read`,
  rejected: (label) => `${label} does not take this contact`,
  not_configured: (label) => `${label} refuses our key`,
  paused: (label) => `${label} is not to be asked right now`,
  budget: () => "The firm's checks of today are used up",
  unsure: (label) => `${label} could not tell yet`,
  unreadable: () => "The stored contact cannot be opened",
};

/** What went wrong, without a full stop: `Twilio did not answer`. */
export const problemWords = (provider: string, problem: string): string =>
  PROBLEMS[problem as LookupProblem]?.(providerLabel(provider)) ?? `${providerLabel(provider)} could not be asked`;

const ADVICE: Partial<Record<LookupProblem, string>> = {
  rejected: "Look at the contact and correct it",
  not_configured: "Tell whoever runs Arrestra",
  unreadable: "Enter the contact again",
};

/** `Twilio did not answer. Nothing was changed. We try again at 6:10 AM.`; without a next try, what to do instead. */
export function failureWords(
  { provider, problem, nextAttemptAt }: { provider: string; problem: string; nextAttemptAt: Date | null },
  { timeZone, now }: { timeZone: string; now: Date },
): string {
  const advice = ADVICE[problem as LookupProblem];
  const next =
    advice ?? (nextAttemptAt ? `We try again ${moment(nextAttemptAt, timeZone, now)}` : "Check again when you like");
  return `${problemWords(provider, problem)}. Nothing was changed. ${next}.`;
}

/** `at 6:10 AM`, with the day when it is another one. */
function moment(at: Date, timeZone: string, now: Date): string {
  // Intl separates the time from AM with a narrow space that some fonts lack.
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-US", { timeZone, ...options }).format(at).replaceAll("\u202f", " ");
  const time = format({ hour: "numeric", minute: "2-digit" });
  if (localDate(at, timeZone) === localDate(now, timeZone)) return `at ${time}`;
  return `on ${format({ month: "short", day: "numeric" })} at ${time}`;
}
