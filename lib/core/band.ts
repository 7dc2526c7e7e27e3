/** The three bands of a score, hottest first. */
export const BANDS = ["hot", "warm", "cool"] as const;
export type Band = (typeof BANDS)[number];

/** A firm's thresholds: hot from `hotFrom`, warm from `warmFrom`, otherwise cool. */
export type BandThresholds = { hotFrom: number; warmFrom: number };

/** The band of a score under a firm's thresholds. */
export const bandOf = (score: number, { hotFrom, warmFrom }: BandThresholds): Band =>
  score >= hotFrom ? "hot" : score >= warmFrom ? "warm" : "cool";
