/** Offense classes of Texas law, gravest first: capital, felonies 1-3, state jail, misdemeanors A-C, and not known. */
export const OFFENSE_CLASSES = ["FC", "F1", "F2", "F3", "FS", "MA", "MB", "MC", "unknown"] as const;
export type OffenseClass = (typeof OFFENSE_CLASSES)[number];

/** The class as people read it. */
export const OFFENSE_CLASS_WORDS: Record<OffenseClass, string> = {
  FC: "Capital felony",
  F1: "First-degree felony",
  F2: "Second-degree felony",
  F3: "Third-degree felony",
  FS: "State jail felony",
  MA: "Class A misdemeanor",
  MB: "Class B misdemeanor",
  MC: "Class C misdemeanor",
  unknown: "Class not on the form",
};

/** Printed levels, and levels inside offense text, to the class. First match wins. Texas Penal Code ch. 12. */
const LEVEL_WORDS: readonly (readonly [RegExp, OffenseClass])[] = [
  [/\bcapital\b|^fc$|\bcap\b/i, "FC"],
  [/^f1$|\b(1st|first)[- ]degree\b|\bf1\b/i, "F1"],
  [/^f2$|\b(2nd|second)[- ]degree\b|\bf2\b/i, "F2"],
  [/^f3$|\b(3rd|third)[- ]degree\b|\bf3\b/i, "F3"],
  [/^(fs|sjf)$|\bstate jail\b|\b(fs|sjf)\b/i, "FS"],
  [/^ma$|\bclass a\b|\bma\b/i, "MA"],
  [/^mb$|\bclass b\b|\bmb\b/i, "MB"],
  [/^mc$|\bclass c\b|\bmc\b/i, "MC"],
];

/**
 * Offenses whose wording alone names the class (Texas Penal Code ch. 49, 29, 30; Health & Safety Code ch. 481, read 2026-11). Only wordings
 * that allow one class are listed: bail forms often print no level, and a guess would move the score.
 */
const OFFENSE_WORDS: readonly (readonly [RegExp, OffenseClass])[] = [
  [/\bcapital murder\b/i, "FC"],
  [/\b(murder|agg(ravated)? robbery|agg(ravated)? sexual assault)\b/i, "F1"],
  [/\b(intox(ication)? manslaughter|burglary of (a )?habitation|agg(ravated)? assault|robbery)\b/i, "F2"],
  [/\b(driving while intoxicated|dwi)\b.*\b(3rd|third|3 or more)\b/i, "F3"],
  [/\b(evading arrest det(ention)? w\/ ?veh(icle)?|intox(ication)? assault|tamper w\/ ?evid)/i, "F3"],
  [/\b(impede breath)/i, "F3"],
  [/\b(driving while intoxicated|dwi)\b.*\b(child)\b|\bdwi w\/ ?child/i, "FS"],
  [/\bposs cs pg ?[12](-?b)? <1g\b|\bunauth(orized)? use of (motor )?veh/i, "FS"],
  [/\b(driving while intoxicated|dwi)\b.*\b(2nd|second|0\.15)/i, "MA"],
  [
    /\b(unl(awful(ly)?)? carrying weapon|resist(ing)? arrest|assault causes bodily inj|burglary of (a )?vehicle|viol bond\/protective)/i,
    "MA",
  ],
  [/\b(driving while intoxicated|dwi)\b/i, "MB"],
  [/\b(poss marij <2oz|criminal trespass|driving w\/ ?lic inv|interfer w\/ ?public dut)/i, "MB"],
];

const find = (table: readonly (readonly [RegExp, OffenseClass])[], words: string): OffenseClass | undefined =>
  table.find(([pattern]) => pattern.test(words))?.[1];

/** The class of a charge: from its printed level if there is one, else from wordings that allow only one class. */
export function offenseClassOf(offense: string, level?: string | null): OffenseClass {
  return (level ? find(LEVEL_WORDS, level.trim()) : undefined) ?? find(OFFENSE_WORDS, offense) ?? "unknown";
}

/** Position in order of gravity, 0 = gravest. */
export const gravityOf = (cls: OffenseClass): number => OFFENSE_CLASSES.indexOf(cls);

/** Families that the score and the clocks know. First match wins. */
export const OFFENSE_FAMILIES = ["dwi", "violence", "family", "drugs", "weapon", "theft", "other"] as const;
export type OffenseFamily = (typeof OFFENSE_FAMILIES)[number];

const FAMILY_WORDS: readonly (readonly [RegExp, OffenseFamily])[] = [
  [/\b(dwi|driving while intoxicated|intox)/i, "dwi"],
  [/\b(fam(ily)?\b|fam\/house|protective)/i, "family"],
  [/\b(assault|murder|robbery|manslaughter|terroristic|deadly conduct|injury)/i, "violence"],
  [/\b(poss (cs|marij)|man del|controlled substance|marij|drug)/i, "drugs"],
  [/\b(weapon|firearm|gun)/i, "weapon"],
  [/\b(theft|burglary|unauth|forgery|fraud|shoplift)/i, "theft"],
];

/** The family of an offense by its wording; `other` when no word tells. */
export const offenseFamilyOf = (offense: string): OffenseFamily =>
  FAMILY_WORDS.find(([pattern]) => pattern.test(offense))?.[1] ?? "other";
