export const BANDS = ["hot", "warm", "cool"] as const;
export type Band = (typeof BANDS)[number];

/** A firm's thresholds: hot from `hotFrom`, warm from `warmFrom`, otherwise cool. */
export type BandThresholds = { hotFrom: number; warmFrom: number };

export const bandOf = (score: number, { hotFrom, warmFrom }: BandThresholds): Band =>
  score >= hotFrom ? "hot" : score >= warmFrom ? "warm" : "cool";
