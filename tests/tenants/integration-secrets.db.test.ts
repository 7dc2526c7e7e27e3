import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { forgetSecrets, keepSecret, readSecret } from "@/lib/domain/tenants/integration-secrets";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";

const TOKEN = { provider: "zoom", name: "refresh_token" };
let firm: TestFirm;
beforeEach(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const keep = (ctx: Ctx, value: string, secret = TOKEN) => inTenant(ctx, (tx) => keepSecret(tx, ctx, secret, value));
const read = (ctx: Ctx, secret = TOKEN) => inTenant(ctx, (tx) => readSecret(tx, ctx, secret));
const rows = (of: TestFirm) =>
  asOwner(of.id, async (client) => (await client.query("SELECT * FROM integration_secret")).rows);

describe("a secret of an integration", () => {
  it("is kept sealed, in the place of the one before, and read in the clear", async () => {
    const ctx = firm.asUser(fixedClock("2026-11-21T10:00:00Z"));
    expect(await read(ctx)).toBeNull();
    await keep(ctx, "first");
    await keep(ctx, "second");
    expect(await read(ctx)).toBe("second");
    const stored = await rows(firm);
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toMatch(/first|second/);
    expect(stored[0]?.value_cipher).toMatch(/^v1\.\w+\./);
  });

  it("survives many who keep it at once: one row, one of their values", async () => {
    const values = Array.from({ length: 8 }, (_, index) => `value ${index}`);
    await Promise.all(values.map((value) => keep(firm.asService(), value)));
    expect(values).toContain(await read(firm.asService()));
    expect(await rows(firm)).toHaveLength(1);
  });

  it("is nobody else's: another firm finds none, and its sealed text opens nowhere else", async () => {
    const other = await makeFirm();
    await keep(firm.asUser(), "ours");
    expect(await read(other.asUser())).toBeNull();
    await keep(other.asUser(), "theirs");
    const [stolen] = await rows(firm);
    await asOwner(other.id, (client) =>
      client.query("UPDATE integration_secret SET value_cipher = $1", [stolen?.value_cipher]),
    );
    await expect(read(other.asUser())).rejects.toThrow();
    expect(await inTenant(other.asUser(), (tx) => forgetSecrets(tx, other.asUser(), "zoom"))).toBe(1);
    expect(await read(firm.asUser())).toBe("ours");
  });

  it("is forgotten with its service", async () => {
    const ctx = firm.asUser();
    await keep(ctx, "a");
    await keep(ctx, "b", { provider: "zoom", name: "webhook_secret" });
    await keep(ctx, "c", { provider: "zoho", name: "refresh_token" });
    expect(await inTenant(ctx, (tx) => forgetSecrets(tx, ctx, "zoom"))).toBe(2);
    expect(await inTenant(ctx, (tx) => forgetSecrets(tx, ctx, "zoom"))).toBe(0);
    expect(await read(ctx, { provider: "zoho", name: "refresh_token" })).toBe("c");
  });

  // Seen red without requireFreshFactor.
  it("is changed by people only who have just shown their second factor", async () => {
    const user = firm.asUser();
    if (user.actor.type !== "user") throw new Error("no user");
    const stale: Ctx = { ...user, actor: { ...user.actor, factorAt: new Date(Date.now() - 10 * 60_000) } };
    await expect(keep(stale, "x")).rejects.toMatchObject({ code: "mfa_required" });
    await expect(inTenant(stale, (tx) => forgetSecrets(tx, stale, "zoom"))).rejects.toMatchObject({
      code: "mfa_required",
    });
    expect(await rows(firm)).toEqual([]);
  });
});
