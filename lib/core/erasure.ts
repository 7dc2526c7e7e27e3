/** Why a person is erased: an order of a court, a record that was of somebody else, or because they ask. */
export const ERASURE_REASONS = ["expunction", "nondisclosure", "mistaken", "request"] as const;
export type ErasureReason = (typeof ERASURE_REASONS)[number];

/** The reasons in words. */
export const ERASURE_WORDS: Readonly<Record<ErasureReason, string>> = {
  expunction: "an order of expunction",
  nondisclosure: "an order of nondisclosure",
  mistaken: "a record that was mistaken",
  request: "a request",
};
