/**
 * Does `work` for each item, up to `atOnce` of them at the same time, and yields what came of them in the order of the items. Begins another only when one was
 * taken, so that no more than that many wait in memory.
 */
export async function* inOrder<T, U>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<U>,
): AsyncGenerator<U> {
  const under: Promise<U>[] = [];
  for (let next = 0; next < items.length || under.length > 0; ) {
    for (; next < items.length && under.length < atOnce; next += 1) {
      const doing = work(items[next] as T);
      // Who stops taking leaves the rest to themselves; a failure is thrown at its turn.
      doing.catch(() => undefined);
      under.push(doing);
    }
    yield (await under.shift()) as U;
  }
}
