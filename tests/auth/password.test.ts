import { hash } from "@node-rs/argon2";
import { expect, it } from "vitest";
import { hashPassword, needsRehash, verifyPassword } from "@/lib/domain/auth/password";

it("hashes with Argon2id at 19 MiB and two passes, and knows the password again", async () => {
  const stored = await hashPassword("correct horse battery staple");
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await verifyPassword(stored, "correct horse battery staple")).toBe(true);
  expect(await verifyPassword(stored, "correct horse battery stapl")).toBe(false);
  expect(await verifyPassword(stored, "correct horse battery staple ")).toBe(false);
});

it("asks for a new hash when the cost has changed", async () => {
  expect(needsRehash(await hashPassword("x"))).toBe(false);
  expect(needsRehash(await hash("x", { memoryCost: 8192, timeCost: 2, parallelism: 1 }))).toBe(true);
});

it("takes nobody's password for right, whatever it is", async () => {
  expect(await verifyPassword(null, "too long")).toBe(false);
  expect(await verifyPassword(await hashPassword("too long"), "x".repeat(1025))).toBe(false);
});

it("looks at the whole password, and refuses to store one over 1 kB", async () => {
  const long = "é".repeat(500);
  const stored = await hashPassword(long);
  expect(await verifyPassword(stored, long)).toBe(true);
  expect(await verifyPassword(stored, `${long.slice(0, -1)}e`)).toBe(false);
  expect(() => hashPassword("é".repeat(513))).toThrow(/too long/);
});

it("takes as long for nobody as for somebody", async () => {
  const stored = await hashPassword("x");
  const time = async (of: string | null) => {
    const start = performance.now();
    await verifyPassword(of, "y");
    return performance.now() - start;
  };
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 7; turn++) {
    known.push(await time(stored));
    unknown.push(await time(null));
  }
  const median = (all: number[]) => all.sort((a, b) => a - b)[3] ?? 0;
  expect(median(unknown) / median(known)).toBeGreaterThan(0.5);
  expect(median(unknown) / median(known)).toBeLessThan(2);
});

it("turns people away rather than letting an endless line wait", async () => {
  const flood = await Promise.allSettled(Array.from({ length: 60 }, () => verifyPassword(null, "x")));
  const refused = flood.filter((each) => each.status === "rejected");
  expect(refused.length).toBe(60 - 42);
  expect(await verifyPassword(null, "x")).toBe(false);
});
