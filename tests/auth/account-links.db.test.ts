import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { LinkPurpose } from "@/lib/contracts/account";
import { fixedClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { endSessions } from "@/lib/domain/auth/end-sessions";
import {
  dropOneTimeLinks,
  findOneTimeLink,
  LINK_TTL_MS,
  makeOneTimeLink,
  spendOneTimeLink,
} from "@/lib/domain/auth/one-time-links";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { closeDatabase } from "@/lib/platform/db";
import { makeFirmWithPassword, signInTo } from "../http/call";
import { addUser, asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { rowOf, statusOf } from "./account";

let firm: TestFirm;
let ctx: Ctx;
const clock = fixedClock("2026-11-21T12:00:00Z");
beforeEach(async () => {
  firm = await makeFirm();
  ctx = firm.asService(clock);
});
afterAll(closeDatabase);

const make = (purpose: LinkPurpose = "join", userId = firm.user.id, at: Ctx = ctx) =>
  inTenant(at, (tx) => makeOneTimeLink(tx, at, { purpose, userId }));
const find = (link: string, purpose: LinkPurpose = "join", at: Ctx = ctx) =>
  inTenant(at, (tx) => findOneTimeLink(tx, at, { purpose, link }));
const spend = (link: string, purpose: LinkPurpose = "join", at: Ctx = ctx) =>
  inTenant(at, (tx) => spendOneTimeLink(tx, at, { purpose, link }));

describe("a one-time link", () => {
  // Seen red without: the DELETE counting its rows in spendOneTimeLink.
  it("is found as often as one looks, and spent once, by one of many", async () => {
    const { link } = await make();
    const holder = { userId: firm.user.id };
    expect([await find(link), await find(link)]).toEqual([holder, holder]);
    const spent = await Promise.all(Array.from({ length: 8 }, () => spend(link)));
    expect(spent.filter(Boolean)).toEqual([holder]);
    expect(await find(link)).toBeNull();
  });

  // Seen red without: `expires_at >` in either function.
  it.each(Object.entries(LINK_TTL_MS))("to %s lives %i ms and no longer", async (purpose, ttlMs) => {
    const { link, expiresAt } = await make(purpose as LinkPurpose);
    expect(expiresAt.getTime() - clock.now().getTime()).toBe(ttlMs);
    const last = firm.asService(fixedClock(new Date(expiresAt.getTime() - 1)));
    const over = firm.asService(fixedClock(expiresAt));
    expect(await find(link, purpose as LinkPurpose, last)).not.toBeNull();
    expect(await find(link, purpose as LinkPurpose, over)).toBeNull();
    expect(await spend(link, purpose as LinkPurpose, over)).toBeNull();
  });

  it("is the only one: a new one takes its place, whatever it is for", async () => {
    const first = await make("password");
    const other = await make("factor");
    expect(await find(first.link, "password")).toBeNull();
    const second = await make("password");
    expect(await find(other.link, "factor")).toBeNull();
    expect(await find(second.link, "password")).not.toBeNull();
    // Seen red without: FOR UPDATE on the user in makeOneTimeLink.
    const many = await Promise.all(Array.from({ length: 6 }, () => make("password")));
    const alive = await Promise.all(many.map(({ link }) => find(link, "password")));
    expect(alive.filter(Boolean)).toHaveLength(1);
  });

  it("opens nothing for another purpose, in another firm, for another user or with other letters", async () => {
    const { link } = await make("join");
    const [, secret = ""] = link.split(".");
    const theirs = await makeFirm();
    const colleague = await addUser(firm);
    expect(await spend(link, "password")).toBeNull();
    expect(await spend(link, "join", theirs.asService(clock))).toBeNull();
    expect(await spend(`${colleague.id}.${secret}`)).toBeNull();
    const last = secret.endsWith("A") ? "B" : "A";
    for (const wrong of [
      "",
      ".",
      secret,
      `${link}.`,
      `${link.slice(0, -1)}${last}`,
      `${link}x`,
      `x${link}`,
      `${link}' OR '1`,
    ])
      expect(await find(wrong), wrong).toBeNull();
    expect(await find(link)).not.toBeNull();
  });

  // Seen red without: `disabled_at IS NULL` in either function.
  it("opens nothing for who is disabled", async () => {
    const { link } = await make();
    await asOwner(firm.id, (client) => client.query("UPDATE app_user SET disabled_at = now()"));
    expect(await find(link)).toBeNull();
    expect(await spend(link)).toBeNull();
  });

  it("lives again when the work it was spent for is rolled back", async () => {
    const { link } = await make();
    const work = inTenant(ctx, async (tx) => {
      await spendOneTimeLink(tx, ctx, { purpose: "join", link });
      throw new Error("half way");
    });
    await expect(work).rejects.toThrow("half way");
    expect(await spend(link)).not.toBeNull();
  });

  it("can be taken back, of one purpose or all", async () => {
    const { link } = await make("factor");
    expect(await inTenant(ctx, (tx) => dropOneTimeLinks(tx, ctx, firm.user.id, "password"))).toBe(0);
    expect(await find(link, "factor")).not.toBeNull();
    expect(await inTenant(ctx, (tx) => dropOneTimeLinks(tx, ctx, firm.user.id))).toBe(1);
    expect(await find(link, "factor")).toBeNull();
  });

  it("is not stored, only its digest", async () => {
    const { link } = await make();
    const { stored } = await rowOf<{ stored: string }>(
      firm,
      "SELECT row_to_json(v)::text AS stored FROM verification_token v",
    );
    expect(stored).not.toContain(link.split(".")[1]);
  });

  it("is made for a user of the firm alone", async () => {
    const theirs = await makeFirm();
    await expect(make("join", theirs.user.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(make("join", newId())).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("ending the sessions of a user", () => {
  // Seen red without: the UPDATE; without `except`, the first is refused too; without the user in it, the colleague is.
  it("holds for each from its next request, within a second, and for nobody else's", async () => {
    firm = await makeFirmWithPassword();
    const [stays, ...others] = [await signInTo(firm), await signInTo(firm), await signInTo(firm)];
    const elsewhere = await makeFirmWithPassword();
    const theirs = await signInTo(elsewhere);
    const own = firm.asService();
    const { id } = await rowOf<{ id: string }>(firm, "SELECT id FROM session ORDER BY created_at, id LIMIT 1");
    const endedAt = performance.now();
    const end = { userId: firm.user.id, because: "asked", except: id } as const;
    expect(await inTenant(own, (tx) => endSessions(tx, own, end))).toBe(2);
    for (const cookie of others) expect(await statusOf(firm, cookie)).toBe(401);
    expect(performance.now() - endedAt).toBeLessThan(1000);
    expect(await statusOf(firm, stays ?? "")).toBe(200);
    expect(await statusOf(elsewhere, theirs)).toBe(200);
    const { data } = (await eventsOf(firm)).at(-1) ?? {};
    expect(data).toEqual({ userId: firm.user.id, count: 2, because: "asked" });
  });

  it("records nothing when there was none to end", async () => {
    const own = firm.asService();
    const end = { userId: firm.user.id, because: "asked" } as const;
    expect(await inTenant(own, (tx) => endSessions(tx, own, end))).toBe(0);
    expect(await eventsOf(firm)).toEqual([]);
  });
});
