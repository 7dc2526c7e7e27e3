import type { ApiKeyDto } from "@/lib/contracts/api-keys";
import { KEY_SCOPE_WORDS, KEY_SCOPES, type KeyScope } from "@/lib/core/key-scope";
import { formatDay, formatMoment } from "./format";
import type { IconName } from "./icons";

const DAY_MS = 86_400_000;
/** From here on the table says that a key is about to end. */
const SOON_DAYS = 14;

/** How long a new key may live; the words and the days, null for ever. */
export const EXPIRY_CHOICES: readonly { words: string; days: number | null }[] = [
  { words: "30 days", days: 30 },
  { words: "90 days", days: 90 },
  { words: "1 year", days: 365 },
  { words: "2 years", days: 730 },
  { words: "Does not expire", days: null },
];

/** How long a key that is rotated out works on. */
export const OVERLAP_CHOICES: readonly { words: string; hours: number }[] = [
  { words: "Ends at once", hours: 0 },
  { words: "1 hour more", hours: 1 },
  { words: "1 day more", hours: 24 },
  { words: "3 days more", hours: 72 },
  { words: "1 week more", hours: 168 },
];

/** What a key may do, in words and in one order: `Read leads, download the CSV export`. */
export function scopeWords(scopes: readonly KeyScope[]): string {
  const words = KEY_SCOPES.filter((scope) => scopes.includes(scope)).map((scope) => KEY_SCOPE_WORDS[scope]);
  return words
    .map((word, index) => (index === 0 ? word : word.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())))
    .join(", ");
}

/** The state of a key in words, with its glyph and colour. */
export function keyState(
  key: ApiKeyDto,
  timeZone: string,
  now: string,
): { icon: IconName; tone: string; words: string } {
  const { state, expiresAt, revokedAt, replacedBy } = key;
  const at = (iso: string | null) => (iso ? formatMoment(iso, timeZone, now) : "");
  if (state === "revoked") return { icon: "barred", tone: "text-ink-3", words: `Revoked ${at(revokedAt)}` };
  if (state === "expired")
    return {
      icon: "barred",
      tone: "text-ink-3",
      words: `${replacedBy ? "Replaced, ended" : "Expired"} ${at(expiresAt)}`,
    };
  if (replacedBy)
    return { icon: "clock", tone: "text-warm", words: `Replaced. Works until ${untilWords(expiresAt, timeZone, now)}` };
  const leftMs = expiresAt ? Date.parse(expiresAt) - Date.parse(now) : Number.POSITIVE_INFINITY;
  if (leftMs < SOON_DAYS * DAY_MS) {
    const days = Math.max(1, Math.ceil(leftMs / DAY_MS));
    return {
      icon: "warn",
      tone: "text-warm",
      words: `Works. Ends in ${days === 1 ? "a day" : `${days} days`}: rotate it`,
    };
  }
  return { icon: "qualified", tone: "text-good", words: "Works" };
}

/** When something ends, to the minute: it may be this evening. */
export const untilWords = (iso: string | null, timeZone: string, now: string): string =>
  iso ? formatMoment(iso, timeZone, now) : "";

/** The day a key ends. */
export const expiryWords = ({ expiresAt }: ApiKeyDto, timeZone: string, now: string): string =>
  expiresAt ? formatDay(expiresAt, timeZone, now) : "Does not expire";

/** A first call with a key, as one would type it: the gentlest one that its scopes allow. */
export function firstCall(scopes: readonly KeyScope[], origin: string): string {
  const line = (path: string, more = "") =>
    `curl -sS -H "Authorization: Bearer $ARRESTRA_KEY"${more} "${origin}${path}"`;
  const json = ' -H "Content-Type: application/json"';
  if (scopes.includes("leads:read")) return line("/api/leads?limit=1");
  if (scopes.includes("leads:ingest")) return line("/api/ingest/known?source=api");
  if (scopes.includes("export:read")) return line("/api/leads/export", " -o leads.csv");
  if (scopes.includes("enrich:run")) return line("/api/leads/enrich/contact", `${json} -d '{"leadIds":["<lead id>"]}'`);
  return line("/api/leads/status", `${json} -d '{"leadId":"<lead id>","to":"reviewed"}'`);
}
