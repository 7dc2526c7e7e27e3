import { ZxcvbnFactory, type ZxcvbnResult } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import commonWords from "@zxcvbn-ts/language-en/dist/commonWords.json.mjs";
import firstNames from "@zxcvbn-ts/language-en/dist/firstnames.json.mjs";
import { PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARACTERS } from "./password-length";

/** What is thought of a password. `score` 0-4 as zxcvbn counts; `reason` says in words what to do, null when it will do. */
export type PasswordJudgement = { score: 0 | 1 | 2 | 3 | 4; reason: string | null };

/** From this score on a guess takes more than 10^8 tries of somebody who knows the usual patterns. */
const SCORE_NEEDED = 3;
/** What is looked at for patterns; the work grows steeply with it (50 ms at this length, half a second at twice). */
const JUDGED_CHARACTERS = 64;
/** A word of the firm or person counts from this length on: shorter ones are in half of all sentences. */
const CONTEXT_WORD_MIN = 4;

let estimator: ZxcvbnFactory | undefined;
function estimate(password: string, context: readonly string[]): ZxcvbnResult {
  estimator ??= new ZxcvbnFactory({
    dictionary: { ...dictionary, commonWords, firstNames },
    graphs: adjacencyGraphs,
    maxLength: JUDGED_CHARACTERS,
    l33tMaxSubstitutions: 10,
  });
  return estimator.check(password, [...context]);
}

/**
 * Judges a password for somebody whom these words belong to (`contextWords`). The one judgement: the server refuses by it, the browser shows it while
 * typing. At least 12 characters, at most 1 kB, no rules about kinds of characters; not a known password or a guessable pattern, also not once the
 * words of the firm and person are taken out. The text counts as typed: nothing is trimmed, folded or normalised, so what a person stores in a
 * password manager is what they sign in with. Brings the word lists along (half a megabyte): import it when a password is being chosen.
 */
export function judgePassword(password: string, contextWords: readonly string[]): PasswordJudgement {
  const characters = [...password].length;
  if (new TextEncoder().encode(password).length > PASSWORD_MAX_BYTES)
    return { score: 0, reason: `must have at most ${PASSWORD_MAX_BYTES} bytes` };
  if (characters < PASSWORD_MIN_CHARACTERS)
    return { score: 0, reason: `must have at least ${PASSWORD_MIN_CHARACTERS} characters; a few words are fine` };
  const rest = withoutWords(password, contextWords);
  const left = estimate(rest, contextWords);
  if (left.score >= SCORE_NEEDED) return { score: left.score, reason: null };
  if (rest === password) return { score: left.score, reason: reasonOf(left) };
  return { score: left.score, reason: "is mostly your name, your e-mail or the firm's name: add other words" };
}

/** The words of a person and firm that somebody who knows them would try: names, e-mail, the firm's address, and ours. */
export function passwordContext(about: {
  firmName: string;
  slug: string;
  host: string;
  name: string;
  email: string;
}): string[] {
  const texts = [about.firmName, about.slug, about.host, about.name, about.email, "arrestra"];
  const words = texts.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  const known = words.map((word) => word.toLowerCase()).filter((word) => word.length >= CONTEXT_WORD_MIN);
  return [...new Set(known)];
}

/** Digits and signs that stand for letters, one for one, so that places stay the same. */
const STANDS_FOR: Record<string, string> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "!": "i",
  "@": "a",
  $: "s",
};
const plain = (letters: readonly string[]): string[] =>
  letters.map((letter) => STANDS_FOR[letter] ?? letter.toLowerCase());

/** The password with every word of the list taken out, longest first; `4rr3stra` for `arrestra` is seen through. */
function withoutWords(password: string, words: readonly string[]): string {
  const left = [...password];
  for (const word of [...words].sort((a, b) => b.length - a.length)) {
    const sought = plain([...word]);
    for (let at = placeOf(sought, left); at !== -1; at = placeOf(sought, left)) left.splice(at, sought.length);
  }
  return left.join("");
}

function placeOf(sought: readonly string[], letters: readonly string[]): number {
  const among = plain(letters);
  return among.findIndex((_, start) => sought.every((letter, at) => among[start + at] === letter));
}

const WARNINGS: Record<string, string> = {
  topTen: "is one of the ten passwords that are tried first",
  topHundred: "is one of the passwords that are tried first",
  common: "is on the lists of passwords that are tried first",
  similarToCommon: "is too close to a password on the lists that are tried first",
  pwned: "is on the lists of passwords that are tried first",
  straightRow: "follows the rows of the keyboard",
  keyPattern: "follows a path on the keyboard",
  simpleRepeat: "repeats one character",
  extendedRepeat: "repeats the same few characters",
  sequences: "contains a sequence such as abc or 6543",
  recentYears: "is built around a year",
  dates: "is built around a date",
};

function reasonOf({ feedback }: ZxcvbnResult): string {
  const why = WARNINGS[feedback.warning ?? ""] ?? "is easy to guess";
  return `${why}: add words that do not belong together`;
}
