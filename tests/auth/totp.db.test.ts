import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { newTotpSecret, storeTotp, takeTotpCode, totpStep, totpUri } from "@/lib/domain/auth/totp";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { closeDatabase } from "@/lib/platform/db";
import { codeOf } from "../setup/factor";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";

afterAll(closeDatabase);

/** The secret of the test vectors of RFC 6238, appendix B: "12345678901234567890" in base32. */
const RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const at = new Date("2026-11-21T12:00:10Z");
const clock = fixedClock(at);
const code = (firm: TestFirm, steps = 0) => codeOf(firm.user.totpSecret, steps, at.getTime());
const take = (firm: TestFirm, shown: string, userId: string | null = firm.user.id) =>
  inTenant(firm.asService(clock), (tx) => takeTotpCode(tx, firm.asService(clock), userId, shown));

describe("a code of an authenticator", () => {
  it.each([
    [59, "287082"],
    [1111111109, "081804"],
    [1111111111, "050471"],
    [1234567890, "005924"],
    [2000000000, "279037"],
  ])("is what RFC 6238 says at %i", (seconds, expected) => {
    expect(totpStep(RFC, expected, new Date(seconds * 1000), 0)).toBe(Math.floor(seconds / 30));
  });

  it("counts in its thirty seconds and in those before and after, not further away", async () => {
    const secret = newTotpSecret();
    const step = Math.floor(at.getTime() / 30_000);
    const around = [-2, -1, 0, 1, 2].map((steps) => totpStep(secret, codeOf(secret, steps, at.getTime()), at, 0));
    expect(around).toEqual([null, step - 1, step, step + 1, null]);
  });

  it("may be typed with spaces, and is six digits", () => {
    const shown = codeOf(RFC, 0, at.getTime());
    expect(totpStep(RFC, ` ${shown.slice(0, 3)} ${shown.slice(3)} `, at, 0)).not.toBeNull();
    for (const bad of ["", "12345", `${shown}0`, "abcdef", "٣٣٣٣٣٣", `${shown}\u0000`])
      expect(totpStep(RFC, bad, at, 0)).toBeNull();
  });

  // Seen red without: afterTimeStep in totpStep together with `last_step <` in takeTotpCode.
  it("counts once, and takes every older one with it", async () => {
    const firm = await makeFirm();
    expect(await take(firm, code(firm))).toBe(true);
    expect(await take(firm, code(firm))).toBe(false);
    expect(await take(firm, code(firm, -1))).toBe(false);
    expect(await take(firm, code(firm, 1))).toBe(true);
    expect(await take(firm, code(firm))).toBe(false);
  });

  // Seen red without: `AND last_step < ${step}` in the UPDATE of takeTotpCode (twelve got through).
  it("lets one of twelve through who show it at once", async () => {
    const firm = await makeFirm();
    for (const steps of [-1, 0, 1]) {
      const shown = code(firm, steps);
      const results = await Promise.all(Array.from({ length: 12 }, () => take(firm, shown)));
      expect(results.filter(Boolean)).toHaveLength(1);
    }
  });

  it("does not count again when the clock is set back", async () => {
    const firm = await makeFirm();
    await asOwner(firm.id, (client) => client.query("UPDATE totp SET last_step = last_step + 1000000000"));
    expect(await take(firm, code(firm))).toBe(false);
  });

  it("is nobody else's, nobody's without an authenticator in use, and no other firm's", async () => {
    const [firm, other] = [await makeFirm(), await makeFirm()];
    expect(await take(firm, code(firm), null)).toBe(false);
    expect(await take(firm, code(firm), other.user.id)).toBe(false);
    expect(await take(other, code(firm), firm.user.id)).toBe(false);
    await asOwner(firm.id, (client) => client.query("UPDATE totp SET confirmed_at = NULL"));
    expect(await take(firm, code(firm))).toBe(false);
  });
});

describe("an authenticator", () => {
  it("has a secret of 160 bits, another one each time, with the firm and the person in what is scanned", () => {
    expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret()).not.toBe(newTotpSecret());
    const uri = new URL(totpUri({ firmName: "Smith & Law", email: "dana@smithlaw.example", secret: RFC }));
    expect(uri.host + decodeURIComponent(uri.pathname)).toBe("totp/Smith & Law:dana@smithlaw.example");
    expect(uri.searchParams.get("secret")).toBe(RFC);
    expect(uri.searchParams.get("issuer")).toBe("Smith & Law");
  });

  // Seen red without: sealTotpSecret (the secret itself in the column); without the row in its place, the copy opens.
  it("rests sealed for its row: the secret is not in it, and a copy in another row does not open", async () => {
    const [firm, other] = [await makeFirm(), await makeFirm()];
    const sealed = async (of: TestFirm) =>
      (await asOwner(of.id, (client) => client.query("SELECT secret_cipher FROM totp"))).rows[0].secret_cipher;
    expect(await sealed(firm)).not.toContain(firm.user.totpSecret);
    const copy = await sealed(firm);
    await asOwner(other.id, (client) => client.query("UPDATE totp SET secret_cipher = $1", [copy]));
    await expect(take(other, code(firm))).rejects.toThrow();
  });

  it("that waits leaves the one in use alone; one that is confirmed takes its place", async () => {
    const firm = await makeFirm();
    const ctx = firm.asService(clock);
    const store = (confirmedStep?: number) =>
      inTenant(ctx, (tx) => storeTotp(tx, ctx, { userId: firm.user.id, secret: RFC, confirmedStep }));
    await store();
    await store();
    expect(await take(firm, codeOf(RFC, 0, at.getTime()))).toBe(false);
    expect(await take(firm, code(firm))).toBe(true);
    await store(Math.floor(at.getTime() / 30_000));
    expect(await take(firm, code(firm, 1))).toBe(false);
    expect(await take(firm, codeOf(RFC, 0, at.getTime()))).toBe(false);
    expect(await take(firm, codeOf(RFC, 1, at.getTime()))).toBe(true);
  });
});
