/** Words that stay in capitals in an offense: statutes and forms abbreviate with them. */
const KEPT_CAPITALS = new Set([
  "AFV",
  "ALR",
  "BAC",
  "CCP",
  "CS",
  "DL",
  "DSC",
  "DUI",
  "DWI",
  "ID",
  "II",
  "III",
  "IV",
  "PC",
  "PG",
  "PO",
  "TBC",
  "TDCJ",
  "US",
  "UUMV",
]);
const GENERATIONS = new Set(["II", "III", "IV", "VI"]);

const isShouted = (text: string): boolean => text === text.toUpperCase() && text !== text.toLowerCase();
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

/** `O'SAMPLE-TESTA` as O'Sample-Testa, `MCMOCK` as McMock. */
const nameWord = (word: string): string =>
  GENERATIONS.has(word)
    ? word
    : word
        .split(/(['’-])/)
        .map((part) => (/^MC[A-Z]{3,}$/.test(part) ? `Mc${capital(part.slice(2))}` : capital(part)))
        .join("");

/** A name that a court printed in capitals, as people write names. Any other name stays as printed: only shouting is lowered. */
export const displayName = (name: string): string => (isShouted(name) ? name.replace(/[^\s,]+/g, nameWord) : name);

/** An offense that a court printed in capitals, as a sentence: `DRIVING WHILE INTOXICATED 2ND` as Driving while intoxicated 2nd. */
export function displayOffense(offense: string): string {
  if (!isShouted(offense)) return offense;
  const lowered = offense.replace(/[\p{L}\d']+/gu, (word) =>
    KEPT_CAPITALS.has(word) || /^\d+[A-Z]$/.test(word) || /^F[123S]$/.test(word) ? word : word.toLowerCase(),
  );
  return lowered.replace(/\p{L}/u, (first) => first.toUpperCase());
}
