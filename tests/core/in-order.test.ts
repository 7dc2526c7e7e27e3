import { expect, it } from "vitest";
import { inOrder } from "@/lib/core/in-order";

const NUMBERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

// Seen red without: the limit of the inner loop.
it("does some at the same time and never more, and yields in the order of the items whichever is done first", async () => {
  let under = 0;
  let most = 0;
  const work = async (item: number) => {
    under += 1;
    most = Math.max(most, under);
    for (let turn = item % 3 === 0 ? 9 : 1; turn > 0; turn -= 1) await null;
    under -= 1;
    return item * 2;
  };
  const made: number[] = [];
  for await (const each of inOrder(NUMBERS, 4, work)) made.push(each);
  expect(made).toEqual(NUMBERS.map((item) => item * 2));
  expect(most).toBe(4);
});

it("throws a failure at its turn, and begins nothing more for who stops taking", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 2) throw new Error("no answer");
    return item;
  };
  const made: number[] = [];
  await expect(async () => {
    for await (const each of inOrder(NUMBERS, 3, work)) made.push(each);
  }).rejects.toThrow("no answer");
  expect(made).toEqual([0, 1]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});
