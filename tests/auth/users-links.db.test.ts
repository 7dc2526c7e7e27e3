import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { LinkPurpose } from "@/lib/contracts/account";
import type { InviteUser } from "@/lib/contracts/users";
import { ROLES } from "@/lib/core/role";
import { findOneTimeLink } from "@/lib/domain/auth/one-time-links";
import { changeUser } from "@/lib/domain/auth/users/change-user";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { makePasswordLink } from "@/lib/domain/auth/users/make-password-link";
import { resetFactor } from "@/lib/domain/auth/users/reset-factor";
import type { Ctx } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { closeDatabase } from "@/lib/platform/db";
import { makeFirm, type TestFirm } from "../setup/firms";
import { addPerson, asPerson, eventsSince, type Person } from "./people";

// Whoever made a link can open it. It must never open more than its maker could have reached by themselves.

let firm: TestFirm;
let ana: Person;
let owner: Ctx;
let admin: Ctx;
beforeEach(async () => {
  firm = await makeFirm({ role: "viewer" });
  ana = await addPerson(firm);
  owner = asPerson(firm, await addPerson(firm, { role: "owner" }));
  admin = asPerson(firm, await addPerson(firm, { role: "admin" }));
});
afterAll(closeDatabase);

const opens = (purpose: LinkPurpose, path: string) =>
  inTenant(admin, (tx) => findOneTimeLink(tx, admin, { purpose, link: path.split("/").at(-1) ?? "" }));
const ines: InviteUser = {
  email: "ines@example.com",
  name: "Ines Lau",
  role: "staff",
  scope: { counties: [], classes: [] },
};
const KINDS = [
  ["password", makePasswordLink],
  ["factor", resetFactor],
] as const;

describe("another role", () => {
  // Seen red without: dropOneTimeLinks for another role in changeUser.
  it.each(KINDS)("ends a %s link that was made before it, whichever role it is", async (purpose, make) => {
    for (const role of [...ROLES].filter((each) => each !== ana.role)) {
      const person = await addPerson(firm);
      const { path } = await make(admin, person.id);
      await changeUser(owner, person.id, { role });
      expect(await opens(purpose, path), role).toBeNull();
    }
  });

  // Seen red without: the same.
  it("ends an invitation that was made for the old one; inviting again gives a new link", async () => {
    const first = await inviteUser(admin, ines);
    await changeUser(owner, first.userId, { role: "admin" });
    expect(await opens("join", first.path)).toBeNull();
    const second = await inviteUser(admin, { ...ines, role: "attorney" });
    expect(await opens("join", second.path)).toEqual({ userId: first.userId });
  });

  it("leaves a link alone when the role stays", async () => {
    const { path } = await makePasswordLink(admin, ana.id);
    await changeUser(owner, ana.id, { role: "staff", scope: { counties: ["Travis"], classes: [] } });
    expect(await opens("password", path)).toEqual({ userId: ana.id });
  });
});

// Seen red without: the look at hasJoined in changeUser.
it("makes nobody an owner who has not joined: an owner invites them as one", async () => {
  const { userId, path } = await inviteUser(admin, ines);
  const before = await eventsSince(firm);
  await expect(changeUser(owner, userId, { role: "owner" })).rejects.toMatchObject({ code: "conflict" });
  expect(await eventsSince(firm)).toEqual(before);
  await inviteUser(owner, { ...ines, role: "owner" });
  expect(await opens("join", path)).toBeNull();
});

// Seen red with: the deletion of links of the same purpose only in makeOneTimeLink.
it("nobody holds a person's password link and factor link at once", async () => {
  const password = await makePasswordLink(admin, ana.id);
  const factor = await resetFactor(admin, ana.id);
  expect([await opens("password", password.path), await opens("factor", factor.path)]).toEqual([
    null,
    { userId: ana.id },
  ]);
  const another = await makePasswordLink(admin, ana.id);
  expect([await opens("factor", factor.path), await opens("password", another.path)]).toEqual([
    null,
    { userId: ana.id },
  ]);
});
