/** What one window of flood posts: leads in a batch, and requests under way at once. */
export const FLOOD = { leads: 50, atOnce: 100 } as const;

/** A batch as a scraper posts it; its name is in the ids of its leads. */
export const batchOf = (name: string, size: number) => ({
  source: "topics.travis",
  leads: Array.from({ length: size }, (_, i) => ({
    sourceId: `${name}-${i}`,
    name: { full: `FICTUS, ROWAN ${i}` },
    county: "Travis",
    charges: [{ offense: "CRIMINAL TRESPASS", bailType: "Surety", bailCents: 80_000 }],
  })),
});
