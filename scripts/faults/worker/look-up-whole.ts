import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "@/lib/domain/context/ctx";
import { claimLookups } from "@/lib/domain/enrichment/claim-lookups";
import { LOOKUPS } from "@/lib/domain/enrichment/providers";
import { storeAnswers } from "@/lib/domain/enrichment/store-answers";

const causeOf = () => undefined;

/** Makes the look-ups of one firm all or none: one that cannot be taken keeps all of them from being made. */
export async function lookUpWhole(ctx: Ctx, enrichmentIds: readonly string[]): Promise<void> {
  let left = enrichmentIds;
  while (left.length > 0) {
    const { calls, answered, waiting } = await claimLookups(ctx, left, { causeOf });
    const outcomes = await Promise.all(
      calls.map(async (lookup) => ({ lookup, answer: await LOOKUPS[lookup.provider](lookup.value ?? "") })),
    );
    await storeAnswers(ctx, outcomes, answered, causeOf);
    left = waiting;
    // All slots are somebody else's.
    if (calls.length === 0 && left.length > 0) await sleep(50);
  }
}
