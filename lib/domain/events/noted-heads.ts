/** A head as somebody kept it outside the database; without a hash when it turned out not to be one of ours. */
export type NotedHead = { sequence: number; hash: string } | { sequence: number; isForged: true };

type WrongHead = { sequence: number; eventId: string | null; problem: "forked" | "forged_head" };

/** Noted heads, lowest first, taken one by one as the walk along the chain comes past their places. Reads the first one at once. */
export async function headsInOrder(heads: AsyncIterable<NotedHead> | Iterable<NotedHead>) {
  const iterator = Symbol.asyncIterator in heads ? heads[Symbol.asyncIterator]() : heads[Symbol.iterator]();
  const step = async (): Promise<NotedHead | undefined> => {
    const { value, done } = await iterator.next();
    return done ? undefined : value;
  };
  let next = await step();
  let agreed = 0;
  let agreedUpTo = 0;
  return {
    /** The head that the walk has not come to yet. */
    next: () => next,
    /** How many heads are on the chain, and the last place of one. */
    agreed: () => agreed,
    agreedUpTo: () => agreedUpTo,
    /** What is wrong with the heads of this place; the event is the one sealed there. */
    async check(at: { sequence: number; hash: string; eventId: string }): Promise<WrongHead | null> {
      for (; next && next.sequence <= at.sequence; next = await step()) {
        const { sequence } = next;
        // Before the place where a later walk began: an earlier one came past it.
        if (sequence < at.sequence) continue;
        if (!("hash" in next)) return { sequence, eventId: null, problem: "forged_head" };
        if (next.hash !== at.hash) return { sequence, eventId: sequence === 0 ? null : at.eventId, problem: "forked" };
        agreed += 1;
        agreedUpTo = sequence;
      }
      return null;
    },
  };
}
