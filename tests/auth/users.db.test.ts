import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { UserPageQuery } from "@/lib/contracts/users";
import { fixedClock } from "@/lib/core/clock";
import { findOneTimeLink } from "@/lib/domain/auth/one-time-links";
import { changeUser } from "@/lib/domain/auth/users/change-user";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { listUsers } from "@/lib/domain/auth/users/list-users";
import { makePasswordLink } from "@/lib/domain/auth/users/make-password-link";
import { resetFactor } from "@/lib/domain/auth/users/reset-factor";
import { revokeUserSessions } from "@/lib/domain/auth/users/revoke-user-sessions";
import { withdrawInvitation } from "@/lib/domain/auth/users/withdraw-invitation";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { addPerson, asPerson, countOf, eventsSince, type Person } from "./people";

let firm: TestFirm;
let ana: Person;
let bo: Person;
let admin: Ctx;
beforeEach(async () => {
  firm = await makeFirm({ role: "viewer" });
  ana = await addPerson(firm, { sessions: 2 });
  bo = await addPerson(firm, { role: "admin", name: "Bo Admin" });
  admin = asPerson(firm, bo);
});
afterAll(closeDatabase);

const HOURS = 3_600_000;
const nobody = { counties: [], classes: [] };
const ines = { email: "ines@example.com", name: "Ines Lau", role: "attorney", scope: nobody } as const;
const linkOf = (path: string) => path.split("/").at(-1) ?? "";
const opens = (purpose: "join" | "password" | "factor", path: string, ctx: Ctx = admin) =>
  inTenant(ctx, (tx) => findOneTimeLink(tx, ctx, { purpose, link: linkOf(path) }));
const everyone = async () => (await listUsers(admin, UserPageQuery.parse({}))).users;
const find = async (id: string) => (await everyone()).find((user) => user.id === id);

describe("inviting", () => {
  it("makes a user without a password and a link of 72 hours, and records no personal data", async () => {
    const clock = fixedClock("2026-11-21T10:00:00Z");
    const ctx = asPerson(firm, bo, { clock });
    const scope = { counties: ["Travis" as const, "Hays" as const], classes: ["MB" as const] };
    const made = await inviteUser(ctx, { ...ines, email: " Ines@Example.COM ", scope });
    expect(made.path).toMatch(new RegExp(`^/join/${made.userId}\\.[\\w-]{43}$`));
    expect(Date.parse(made.expiresAt) - clock.now().getTime()).toBe(72 * HOURS);
    expect(await opens("join", made.path, ctx)).toEqual({ userId: made.userId });
    expect((await listUsers(ctx, UserPageQuery.parse({}))).users.find(({ id }) => id === made.userId)).toEqual({
      id: made.userId,
      name: "Ines Lau",
      email: "ines@example.com",
      role: "attorney",
      scope: { counties: ["Hays", "Travis"], classes: ["MB"] },
      state: "invited",
      hasAuthenticator: false,
      passkeys: 0,
      sessions: 0,
      lastVisitAt: null,
      createdAt: clock.now().toISOString(),
      invitedUntil: made.expiresAt,
    });
    const [[type, data] = []] = await eventsSince(firm);
    expect(type).toBe("user.invited");
    expect(data).toEqual({
      userId: made.userId,
      role: "attorney",
      scope: { counties: ["Hays", "Travis"], classes: ["MB"] },
      until: made.expiresAt,
    });
  });

  it("says that an invitation ran out by naming no time", async () => {
    const made = await inviteUser(admin, ines);
    const later = fixedClock(made.expiresAt);
    const { users } = await listUsers({ ...admin, clock: later }, UserPageQuery.parse({}));
    expect(users.find(({ id }) => id === made.userId)).toMatchObject({ state: "invited", invitedUntil: null });
  });

  // Seen red without: the deletion of the waiting authenticator in makeOneTimeLink.
  it("replaces name, role, scope and link of who was invited and has not joined, and what the old link had shown", async () => {
    const first = await inviteUser(admin, { ...ines, scope: { counties: ["Travis"], classes: [] } });
    await asOwner(firm.id, (client) =>
      client.query(
        "INSERT INTO totp (tenant_id, id, user_id, secret_cipher, created_at) VALUES ($1, gen_random_uuid(), $2, 'seen', now())",
        [firm.id, first.userId],
      ),
    );
    const second = await inviteUser(admin, { ...ines, name: "Inés Lau", role: "viewer" });
    expect(second.userId).toBe(first.userId);
    expect(await opens("join", first.path)).toBeNull();
    expect(await opens("join", second.path)).toEqual({ userId: first.userId });
    expect(await countOf(firm, "totp", { id: first.userId })).toBe(0);
    expect(await find(first.userId)).toMatchObject({ name: "Inés Lau", role: "viewer", scope: nobody });
    expect((await eventsSince(firm)).map(([type]) => type)).toEqual(["user.invited", "user.invited"]);
  });

  it("refuses the e-mail of a member, active, disabled or oneself, and names the field", async () => {
    const gone = await addPerson(firm, { isDisabled: true });
    const owner = await addPerson(firm, { role: "owner" });
    for (const email of [ana.email.toUpperCase(), gone.email, bo.email, owner.email]) {
      await expect(inviteUser(admin, { ...ines, email })).rejects.toMatchObject({
        code: "conflict",
        invalidParams: [{ name: "email" }],
      });
    }
    expect(await eventsSince(firm)).toEqual([]);
    expect(await find(ana.id)).toMatchObject({ name: ana.name, role: "staff" });
  });

  it("refuses what is no e-mail address, and a scope for who sees the whole firm", async () => {
    const wrong = inviteUser(admin, { ...ines, email: "ines at example" });
    await expect(wrong).rejects.toMatchObject({ code: "unprocessable", invalidParams: [{ name: "email" }] });
    const limited = inviteUser(admin, { ...ines, role: "admin", scope: { counties: ["Travis"], classes: [] } });
    await expect(limited).rejects.toMatchObject({ code: "unprocessable", invalidParams: [{ name: "scope" }] });
  });

  it("makes one user and leaves one link when the same person is invited twice at once", async () => {
    const made = await Promise.all([inviteUser(admin, ines), inviteUser(admin, ines)]);
    expect(made[0].userId).toBe(made[1].userId);
    const working = await Promise.all(made.map(({ path }) => opens("join", path)));
    expect(working.filter(Boolean)).toHaveLength(1);
  });
});

describe("withdrawing an invitation", () => {
  it("removes the user who never joined, and the link", async () => {
    const made = await inviteUser(admin, ines);
    await withdrawInvitation(admin, made.userId);
    expect(await find(made.userId)).toBeUndefined();
    expect(await opens("join", made.path)).toBeNull();
    const left = await asOwner(firm.id, (client) => client.query("SELECT 1 FROM verification_token"));
    expect(left.rowCount).toBe(0);
    expect((await eventsSince(firm, 1)).at(-1)).toEqual(["user.invitation_withdrawn", { userId: made.userId }]);
    await expect(withdrawInvitation(admin, made.userId)).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses to remove who has joined", async () => {
    await expect(withdrawInvitation(admin, ana.id)).rejects.toMatchObject({ code: "conflict" });
    expect(await find(ana.id)).toBeDefined();
  });
});

describe("changing a user", () => {
  // Seen red without: endSessions after another role.
  it("gives another role, ends their sessions and records both", async () => {
    const after = await changeUser(admin, ana.id, { role: "attorney" });
    expect(after).toMatchObject({ id: ana.id, role: "attorney", sessions: 0 });
    expect(await eventsSince(firm)).toEqual([
      ["auth.sessions_revoked", { userId: ana.id, count: 2, because: "role_changed" }],
      ["user.role_changed", { userId: ana.id, from: "staff", to: "attorney" }],
    ]);
  });

  it("limits what they see without ending their sessions, since every request asks again", async () => {
    const scope = { counties: ["Travis" as const], classes: ["F1" as const] };
    expect(await changeUser(admin, ana.id, { scope })).toMatchObject({ scope, sessions: 2 });
    expect(await eventsSince(firm)).toEqual([["user.scope_changed", { userId: ana.id, from: nobody, to: scope }]]);
  });

  it("changes and records nothing when it is the same again, in whatever order it is said", async () => {
    await changeUser(admin, ana.id, { scope: { counties: ["Travis", "Bexar"], classes: ["MB", "F1"] } });
    const before = await eventsSince(firm);
    const again = { counties: ["Bexar", "Travis", "Bexar"], classes: ["F1", "MB"] } as const;
    await changeUser(admin, ana.id, {
      role: "staff",
      scope: { counties: [...again.counties], classes: [...again.classes] },
      isDisabled: false,
    });
    expect(await eventsSince(firm)).toEqual(before);
  });

  it("lets who becomes an admin see the whole firm, and refuses them a scope by name", async () => {
    const scope = { counties: ["Travis" as const], classes: [] };
    await changeUser(admin, ana.id, { scope });
    const refused = changeUser(admin, ana.id, { role: "admin", scope });
    await expect(refused).rejects.toMatchObject({ code: "unprocessable", invalidParams: [{ name: "scope" }] });
    expect(await changeUser(admin, ana.id, { role: "admin" })).toMatchObject({ role: "admin", scope: nobody });
    expect((await eventsSince(firm, 1)).map(([type]) => type).sort()).toEqual([
      "auth.sessions_revoked",
      "user.role_changed",
      "user.scope_changed",
    ]);
  });

  // Seen red without: endSessions, and without dropOneTimeLinks, for who is disabled.
  it("disables a person once: sessions end, links die; and enables them again without either", async () => {
    const { path } = await makePasswordLink(admin, ana.id);
    expect(await changeUser(admin, ana.id, { isDisabled: true })).toMatchObject({ state: "disabled", sessions: 0 });
    const before = await eventsSince(firm);
    expect(before.slice(1)).toEqual([
      ["auth.sessions_revoked", { userId: ana.id, count: 2, because: "disabled" }],
      ["user.disabled", { userId: ana.id }],
    ]);
    await changeUser(admin, ana.id, { isDisabled: true });
    expect(await eventsSince(firm)).toEqual(before);
    expect(await changeUser(admin, ana.id, { isDisabled: false })).toMatchObject({ state: "active", sessions: 0 });
    expect(await opens("password", path)).toBeNull();
    expect((await eventsSince(firm)).at(-1)).toEqual(["user.enabled", { userId: ana.id }]);
  });

  it("refuses to disable who has not joined: that invitation is withdrawn", async () => {
    const { userId } = await inviteUser(admin, ines);
    await expect(changeUser(admin, userId, { isDisabled: true })).rejects.toMatchObject({ code: "conflict" });
    expect(await changeUser(admin, userId, { role: "viewer" })).toMatchObject({ state: "invited", role: "viewer" });
  });
});

// Seen red without: dropCalendarFeed, in either verb.
it.each([
  ["is disabled", () => changeUser(admin, ana.id, { isDisabled: true })],
  ["has their factor reset", () => resetFactor(admin, ana.id)],
])("ends the calendar address of a person who %s, for good, and of nobody else", async (_, shut) => {
  for (const { id } of [ana, bo])
    await asOwner(firm.id, (client) =>
      client.query(
        "INSERT INTO calendar_feed (tenant_id, user_id, secret_hash, created_at) VALUES ($1, $2, 'x', now())",
        [firm.id, id],
      ),
    );
  await shut();
  const left = await asOwner(firm.id, async (client) => (await client.query("SELECT user_id FROM calendar_feed")).rows);
  expect(left).toEqual([{ user_id: bo.id }]);
  expect(await eventsSince(firm)).toContainEqual(["consultation.feed_ended", { userId: ana.id }]);
});

describe("letting a person in again", () => {
  it("makes a password link of an hour that touches nothing else", async () => {
    const { path, expiresAt } = await makePasswordLink(admin, ana.id);
    expect(path).toMatch(new RegExp(`^/recover/password/${ana.id}\\.`));
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(HOURS);
    expect(await opens("password", path)).toEqual({ userId: ana.id });
    expect(await countOf(firm, "live sessions", ana)).toBe(2);
    expect(await eventsSince(firm)).toEqual([
      ["user.link_made", { userId: ana.id, purpose: "password", until: expiresAt }],
    ]);
  });

  // Seen red without: each of the three deletions, and without endSessions.
  it("resets a lost factor: none is left, sessions end, and a link of a day asks for a new one", async () => {
    const { path, expiresAt } = await resetFactor(admin, ana.id);
    expect(path).toMatch(new RegExp(`^/recover/factor/${ana.id}\\.`));
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(23 * HOURS);
    for (const table of ["totp", "passkey", "recovery_code", "live sessions"] as const)
      expect(await countOf(firm, table, ana)).toBe(0);
    expect(await opens("factor", path)).toEqual({ userId: ana.id });
    expect(await find(ana.id)).toMatchObject({ state: "active", hasAuthenticator: false, passkeys: 0 });
    expect((await eventsSince(firm)).map(([type]) => type).sort()).toEqual([
      "auth.sessions_revoked",
      "user.factor_reset",
      "user.link_made",
    ]);
  });

  it("gives another link when there is nothing left to reset, and says only that", async () => {
    const first = await resetFactor(admin, ana.id);
    const before = (await eventsSince(firm)).length;
    const second = await resetFactor(admin, ana.id);
    expect(await opens("factor", first.path)).toBeNull();
    expect(await opens("factor", second.path)).toEqual({ userId: ana.id });
    expect((await eventsSince(firm, before)).map(([type]) => type)).toEqual(["user.link_made"]);
  });

  it("makes no link for who is disabled or has not joined", async () => {
    const gone = await addPerson(firm, { isDisabled: true });
    const invited = await addPerson(firm, { hasJoined: false });
    for (const { id } of [gone, invited]) {
      await expect(makePasswordLink(admin, id)).rejects.toMatchObject({ code: "conflict" });
      await expect(resetFactor(admin, id)).rejects.toMatchObject({ code: "conflict" });
    }
    expect(await eventsSince(firm)).toEqual([]);
  });

  it("signs a person out everywhere, once", async () => {
    await revokeUserSessions(admin, ana.id);
    await revokeUserSessions(admin, ana.id);
    expect(await countOf(firm, "live sessions", ana)).toBe(0);
    expect(await eventsSince(firm)).toEqual([
      ["auth.sessions_revoked", { userId: ana.id, count: 2, because: "asked" }],
    ]);
  });
});

describe("the list", () => {
  it("pages by name, whatever the letters, and keeps its cursor to itself", async () => {
    for (const name of ["carla", "Carl", "Ána", "zoe", "Ana Reyes"]) await addPerson(firm, { name });
    const whole = (await everyone()).map(({ id }) => id);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listUsers(admin, UserPageQuery.parse({ limit: 2, ...(cursor ? { cursor } : {}) }));
      paged.push(...page.users.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      if (cursor) {
        const other = await makeFirm();
        await expect(listUsers(other.asUser(), UserPageQuery.parse({ limit: 2, cursor }))).rejects.toMatchObject({
          code: "unprocessable",
        });
      }
    } while (cursor);
    expect(paged).toEqual(whole);
    expect(whole).toHaveLength(8);
  });

  it("counts the sessions that hold: neither idle, nor over, nor revoked", async () => {
    await addPerson(firm, { sessions: 1 });
    const ofAna = `user_id = '${ana.id}' AND id = (SELECT min(id::text)::uuid FROM session WHERE user_id = '${ana.id}')`;
    const setOne = (what: string) =>
      asOwner(firm.id, (client) => client.query(`UPDATE session SET ${what} WHERE ${ofAna}`));
    await setOne("last_seen_at = now() - interval '31 minutes'");
    expect(await find(ana.id)).toMatchObject({ sessions: 1 });
    await setOne("last_seen_at = now(), expires_at = now()");
    expect(await find(ana.id)).toMatchObject({ sessions: 1 });
    await setOne("expires_at = now() + interval '1 hour', revoked_at = now()");
    expect(await find(ana.id)).toMatchObject({ sessions: 1 });
    await setOne("revoked_at = NULL");
    expect(await find(ana.id)).toMatchObject({ sessions: 2, hasAuthenticator: true, passkeys: 1 });
  });
});
