/** Some of the items of a list with what came of them. A failure is that of a single item, or of several when each of them would meet the same. */
export type Part<T, R> = { items: readonly T[] } & ({ result: R } | { error: unknown });

/**
 * Does `work` for all items in one go, and when that fails in halves, and those in halves again: only what cannot be done fails, and one bad item of fifty
 * costs a dozen turns, not fifty. `isForAll` says of a failure that trying less at once would not mend it. The parts are in the order of the items.
 */
export async function inHalves<T, R>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<R>,
  isForAll: (error: unknown) => boolean,
): Promise<Part<T, R>[]> {
  if (items.length === 0) return [];
  try {
    return [{ items, result: await work(items) }];
  } catch (error) {
    if (items.length === 1 || isForAll(error)) return [{ items, error }];
  }
  const middle = Math.ceil(items.length / 2);
  const first = await inHalves(items.slice(0, middle), work, isForAll);
  return [...first, ...(await inHalves(items.slice(middle), work, isForAll))];
}

/** Some of several things failed, and these are they; the others are done and need no second look. */
export class FailedInPart<K> extends Error {
  readonly failures: ReadonlyMap<K, unknown>;

  constructor(failures: ReadonlyMap<K, unknown>) {
    super("Some of a batch failed.", { cause: [...failures.values()][0] });
    this.name = "FailedInPart";
    this.failures = failures;
  }
}
