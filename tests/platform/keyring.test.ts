import { afterEach, expect, it, vi } from "vitest";

const KEY = Buffer.alloc(32, 7).toString("base64");
const settings = async (FIELD_KEYS: string) => {
  vi.resetModules();
  vi.stubEnv("FIELD_KEYS", FIELD_KEYS);
  return (await import("@/lib/platform/env")).env();
};
afterEach(() => vi.unstubAllEnvs());

it("takes a ring of keys with a name each", async () => {
  expect((await settings(`k2:${KEY},k1:${KEY}`)).FIELD_KEYS).toContain("k1:");
});

// Seen red without the comparison of names: the second key would have taken the first one's place, and sealed under its name.
it.each([
  ["two keys of one name", `k1:${KEY},k1:${KEY}`, "names two keys alike"],
  ["a key of another length", `k1:${Buffer.alloc(16).toString("base64")}`, "must be kid:base64-of-32-bytes"],
  ["a key without a name", `:${KEY}`, "must be kid:base64-of-32-bytes"],
  ["a space after a comma", `k1:${KEY}, k2:${KEY}`, "must be kid:base64-of-32-bytes"],
])("refuses %s, and does not say what it was", async (_what, ring, why) => {
  const refusal = await settings(ring).catch((error: unknown) => String(error));
  expect(refusal).toContain(`FIELD_KEYS: ${why}`);
  expect(refusal).not.toContain(KEY);
});
