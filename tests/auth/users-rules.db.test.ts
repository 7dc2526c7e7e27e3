import type pg from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { UserPageQuery } from "@/lib/contracts/users";
import { newId } from "@/lib/core/ids";
import { ROLES, type Role } from "@/lib/core/role";
import { changeUser } from "@/lib/domain/auth/users/change-user";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { listUsers } from "@/lib/domain/auth/users/list-users";
import { makePasswordLink } from "@/lib/domain/auth/users/make-password-link";
import { resetFactor } from "@/lib/domain/auth/users/reset-factor";
import { revokeUserSessions } from "@/lib/domain/auth/users/revoke-user-sessions";
import { withdrawInvitation } from "@/lib/domain/auth/users/withdraw-invitation";
import type { Ctx } from "@/lib/domain/context/ctx";
import { FRESH_FACTOR_MS } from "@/lib/domain/context/step-up";
import { closeDatabase } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { addPerson, asPerson, eventsSince, type Person } from "./people";

const person = (email: string, role: Role = "staff") => ({
  email,
  name: "Ines Lau",
  role,
  scope: { counties: [], classes: [] },
});

/** Every change of another user. */
const CHANGES: Record<string, (ctx: Ctx, id: string) => Promise<unknown>> = {
  "another role": (ctx, id) => changeUser(ctx, id, { role: "viewer" }),
  "another scope": (ctx, id) => changeUser(ctx, id, { scope: { counties: ["Travis"], classes: [] } }),
  disabling: (ctx, id) => changeUser(ctx, id, { isDisabled: true }),
  "a password link": makePasswordLink,
  "a factor reset": resetFactor,
  "ending sessions": revokeUserSessions,
  withdrawing: withdrawInvitation,
};
const changes = Object.entries(CHANGES);
const TAKERS = ["another role", "disabling", "a factor reset"];
const TAKING_CHANGES = changes.filter(([name]) => TAKERS.includes(name));

/** How many wait for what this transaction holds. */
const waitingFor = async (client: pg.Client): Promise<number> => {
  await client.query("SELECT pg_stat_clear_snapshot()");
  const { rows } = await client.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0",
  );
  return rows[0].n;
};

let firm: TestFirm;
let staff: Person;
let admin: Person;
let owner: Person;
beforeEach(async () => {
  firm = await makeFirm({ role: "viewer" });
  staff = await addPerson(firm, { sessions: 1 });
  admin = await addPerson(firm, { role: "admin", sessions: 1 });
  owner = await addPerson(firm, { role: "owner", sessions: 1 });
});
afterAll(closeDatabase);

const stateOf = async (of: TestFirm) => {
  const { rows } = await asOwner(of.id, (client) =>
    client.query(
      `SELECT (SELECT json_agg(u ORDER BY id) FROM app_user u) AS users, (SELECT json_agg(s ORDER BY id) FROM session s) AS sessions,
              (SELECT json_agg(v) FROM verification_token v) AS links, (SELECT count(*) FROM totp) AS totps`,
    ),
  );
  return rows[0];
};

/** The refusal, after which everything is as it was. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  const before = await stateOf(firm);
  const code = await work().then(
    () => "done",
    (error: { code: string }) => error.code,
  );
  expect(await stateOf(firm)).toEqual(before);
  expect(await eventsSince(firm)).toEqual([]);
  return code;
}

describe.each(changes)("%s", (_name, change) => {
  it("is for owners and admins who showed their factor within ten minutes", async () => {
    for (const role of ROLES.filter((each) => each !== "owner" && each !== "admin")) {
      const caller = await addPerson(firm, { role });
      expect(await refusal(() => change(asPerson(firm, caller), staff.id))).toBe("forbidden");
    }
    expect(await refusal(() => change(firm.asKey(), staff.id))).toBe("forbidden");
    const stale = asPerson(firm, admin, { factorAgeMs: FRESH_FACTOR_MS });
    expect(await refusal(() => change(stale, staff.id))).toBe("mfa_required");
  });

  it("finds nobody of another firm, and nobody under an id that is none", async () => {
    const theirs = await addPerson(await makeFirm(), { sessions: 1 });
    for (const id of [theirs.id, newId(), "not-an-id", ""])
      expect(await refusal(() => change(asPerson(firm, admin), id))).toBe("not_found");
  });

  // Seen red without: the comparison with the caller's own id in lockUser.
  it("is not for one's own account", async () => {
    for (const self of [admin, owner])
      expect(await refusal(() => change(asPerson(firm, self), self.id))).toBe("forbidden");
  });

  // Seen red without: requireOwner in lockUser.
  it("keeps admins away from owners, those who have not joined included", async () => {
    const invited = await addPerson(firm, { role: "owner", hasJoined: false });
    for (const { id } of [owner, invited])
      expect(await refusal(() => change(asPerson(firm, admin), id))).toBe("forbidden");
  });

  // Seen red without: asTheyStand in lockUser.
  it("asks the caller's row again: who was demoted, disabled or removed while the request was on its way is refused", async () => {
    await asOwner(firm.id, (client) => client.query("UPDATE app_user SET role = 'viewer' WHERE id = $1", [admin.id]));
    expect(await refusal(() => change(asPerson(firm, admin), staff.id))).toBe("forbidden");
    await asOwner(firm.id, (client) =>
      client.query("UPDATE app_user SET disabled_at = now() WHERE id = $1", [owner.id]),
    );
    expect(await refusal(() => change(asPerson(firm, owner), staff.id))).toBe("unauthenticated");
    const gone = { id: newId(), role: "owner" as const };
    expect(await refusal(() => change(asPerson(firm, gone), staff.id))).toBe("unauthenticated");
  });
});

describe("inviting", () => {
  it("is for owners and admins who showed their factor within ten minutes", async () => {
    const invite = (ctx: Ctx) => inviteUser(ctx, person("ines@example.com"));
    for (const role of ["attorney", "staff", "viewer"] as const) {
      const caller = await addPerson(firm, { role });
      expect(await refusal(() => invite(asPerson(firm, caller)))).toBe("forbidden");
    }
    expect(await refusal(() => invite(firm.asKey()))).toBe("forbidden");
    expect(await refusal(() => invite(asPerson(firm, admin, { factorAgeMs: FRESH_FACTOR_MS })))).toBe("mfa_required");
  });

  it("keeps its e-mails apart by firm", async () => {
    const other = await makeFirm();
    const theirs = await addPerson(other);
    await inviteUser(asPerson(firm, admin), person(theirs.email));
    expect(await eventsSince(other)).toEqual([]);
  });
});

describe("an invitation that is taken up meanwhile", () => {
  // Seen red without: assertNoMember after the lock in inviteAgain, and hasJoined in withdrawInvitation.
  it.each([
    ["inviting again", (ctx: Ctx, { email }: Person) => inviteUser(ctx, person(email))],
    ["withdrawing", (ctx: Ctx, { id }: Person) => withdrawInvitation(ctx, id)],
  ])("is not undone by %s", async (_name, change) => {
    const invited = await addPerson(firm, { role: "attorney", hasJoined: false });
    const { answer } = await asOwner(firm.id, async (client) => {
      await client.query("SELECT 1 FROM app_user WHERE id = $1 FOR UPDATE", [invited.id]);
      const settled = change(asPerson(firm, admin), invited).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
      await expect.poll(() => waitingFor(client), { timeout: 2500 }).toBe(1);
      await client.query("UPDATE app_user SET password_hash = 'chosen' WHERE id = $1", [invited.id]);
      return { answer: settled };
    });
    expect(await answer).toBe("conflict");
    const { users } = await listUsers(asPerson(firm, admin), UserPageQuery.parse({}));
    expect(users.find(({ id }) => id === invited.id)).toMatchObject({ role: "attorney", state: "active" });
  });
});

describe("the role of owner", () => {
  // Seen red without: requireOwner in changeUser, and the lock after the insert in inviteUser.
  it("is given by owners alone, to a member, in an invitation and in a second one", async () => {
    const asAdmin = asPerson(firm, admin);
    const invited = await addPerson(firm, { hasJoined: false });
    expect(await refusal(() => changeUser(asAdmin, staff.id, { role: "owner" }))).toBe("forbidden");
    expect(await refusal(() => inviteUser(asAdmin, person("new@example.com", "owner")))).toBe("forbidden");
    expect(await refusal(() => inviteUser(asAdmin, person(invited.email, "owner")))).toBe("forbidden");
    const asThem = asPerson(firm, owner);
    expect(await changeUser(asThem, staff.id, { role: "owner" })).toMatchObject({ role: "owner" });
    await inviteUser(asThem, person("new@example.com", "owner"));
    await inviteUser(asThem, person(invited.email, "owner"));
  });

  it("does not pass to an admin through the invitation of an owner", async () => {
    const invited = await addPerson(firm, { role: "owner", hasJoined: false });
    expect(await refusal(() => inviteUser(asPerson(firm, admin), person(invited.email)))).toBe("forbidden");
  });

  // Seen red without: assertOtherOwner. The house itself asks, since an owner who asks is usually one who remains.
  it("stays with an active owner who has a second factor, whoever asks", async () => {
    await addPerson(firm, { role: "owner", hasJoined: false });
    await addPerson(firm, { role: "owner", isDisabled: true });
    const bare = await addPerson(firm, { role: "owner" });
    await asOwner(firm.id, async (client) => {
      await client.query("DELETE FROM totp WHERE user_id = $1", [bare.id]);
      await client.query("DELETE FROM passkey WHERE user_id = $1", [bare.id]);
    });
    const house = firm.asService();
    for (const [, change] of TAKING_CHANGES) expect(await refusal(() => change(house, owner.id))).toBe("conflict");
    await addPerson(firm, { role: "owner" });
    expect(await changeUser(house, owner.id, { role: "viewer" })).toMatchObject({ role: "viewer" });
  });

  // Seen red without: FOR UPDATE in lockUser. Both have asked before either may write, so it does not depend on who is faster.
  it.each(TAKING_CHANGES)("stays with one of two owners who meet each other with %s at once", async (_name, change) => {
    const other = await addPerson(firm, { role: "owner" });
    const { both } = await asOwner(firm.id, async (client) => {
      await client.query("SELECT 1 FROM app_user WHERE role = 'owner' FOR UPDATE");
      const calls = [change(asPerson(firm, owner), other.id), change(asPerson(firm, other), owner.id)];
      const settled = Promise.allSettled(calls);
      await expect.poll(() => waitingFor(client), { timeout: 2500 }).toBe(2);
      return { both: settled };
    });
    expect((await both).map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const { users } = await listUsers(asPerson(firm, admin), UserPageQuery.parse({}));
    const left = users.filter(
      ({ role, state, hasAuthenticator }) => role === "owner" && state === "active" && hasAuthenticator,
    );
    expect(left).toHaveLength(1);
  });

  it("is everybody's to see in the list", async () => {
    const { users } = await listUsers(asPerson(firm, admin), UserPageQuery.parse({}));
    expect(users.find(({ id }) => id === owner.id)).toMatchObject({ role: "owner", state: "active" });
  });
});
