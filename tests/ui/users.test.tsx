import { describe, expect, it } from "vitest";
import type { UserDto } from "@/lib/contracts/users";
import { ROLES } from "@/lib/core/role";
import { UserForm } from "@/lib/ui/user-form";
import { UserPanel } from "@/lib/ui/user-panel";
import { UserTable } from "@/lib/ui/user-table";
import { DEED_QUESTIONS, DEED_WORDS, deedsFor, scopeWords, type UserDeed } from "@/lib/ui/user-words";
import { markupOf, textOf } from "./render";
import { NOW } from "./sample-lead";

const hours = (count: number) => new Date(Date.parse(NOW) + count * 3_600_000).toISOString();
const nothing = { counties: [], classes: [] };
const user = (more: Partial<UserDto> = {}): UserDto => ({
  id: "1",
  name: "Ines Lau",
  email: "ines@smithlaw.example",
  role: "attorney",
  scope: nothing,
  state: "active",
  hasAuthenticator: true,
  passkeys: 0,
  sessions: 0,
  lastVisitAt: null,
  createdAt: hours(-100),
  invitedUntil: null,
  ...more,
});
const at = { timeZone: "America/Chicago", now: NOW, onDeed: () => {} };
const owner = { id: "me", role: "owner" as const };
const row = (more: Partial<UserDto>, me: { id: string; role: "owner" | "admin" } = owner) =>
  textOf(<UserTable users={[user(more)]} me={me} {...at} />);

describe("a user in the list", () => {
  it("is shown with role, what they see, factors, last visit and sessions", () => {
    const shown = row({
      scope: { counties: ["Hays", "Travis"], classes: ["F1"] },
      passkeys: 2,
      sessions: 3,
      lastVisitAt: hours(-4),
    });
    expect(shown).toContain("Ines Lau ines@smithlaw.example");
    expect(shown).toContain("Attorney Hays and Travis: First-degree felony");
    expect(shown).toContain("Active Authenticator, 2 passkeys");
    expect(shown).toContain("4 h ago 3 sessions");
    expect(row({})).toContain("Attorney Every lead");
  });

  it("says what waits for somebody to do something", () => {
    const invited = { state: "invited" as const, hasAuthenticator: false };
    expect(row({ ...invited, invitedUntil: hours(24) })).toMatch(/Invited Until \w+, \w+ \d+, .* C[SD]T/);
    expect(row(invited)).toContain("Invitation ran out Make a new link for them");
    expect(row({ hasAuthenticator: false })).toContain("No second factor Cannot sign in before setting one up");
    expect(row({ state: "disabled" })).toContain("Disabled Cannot sign in");
  });

  it("is nobody's to change who may not: oneself goes to the profile, an admin leaves owners alone", () => {
    expect(row({ id: "me" })).toMatch(/\(you\).*Profile$/);
    expect(row({ role: "owner" }, { id: "me", role: "admin" })).toMatch(/Changed by owners$/);
    expect(row({ role: "owner" })).toMatch(/Change$/);
  });

  it("names the person on every control", () => {
    const markup = markupOf(<UserTable users={[user()]} me={owner} {...at} />);
    expect(markup).toContain('aria-label="Change Ines Lau"');
    expect(markup).toContain('aria-label="More for Ines Lau"');
  });
});

describe("what can be done", () => {
  it("fits how the user stands", () => {
    expect(deedsFor(user({ state: "invited" }), owner)).toEqual(["change", "inviteAgain", "withdraw"]);
    expect(deedsFor(user({ state: "disabled" }), owner)).toEqual(["change", "enable"]);
    expect(deedsFor(user(), owner)).not.toContain("endSessions");
    expect(deedsFor(user({ sessions: 1 }), owner)).toContain("endSessions");
  });

  it("asks once before it takes something away, with the name and what happens", () => {
    const taking: UserDeed[] = ["withdraw", "resetFactor", "endSessions", "disable"];
    expect(Object.keys(DEED_QUESTIONS).sort()).toEqual([...taking].sort());
    for (const deed of taking) {
      const question = DEED_QUESTIONS[deed];
      expect(question?.title("Ines Lau")).toMatch(/Ines Lau.*\?$/);
      expect(question?.means(user({ sessions: 2 }))).toMatch(/\.$/);
      expect(DEED_WORDS[deed]).toBeTruthy();
    }
  });
});

describe("what a member sees, in words", () => {
  it.each([
    [nothing, "Every lead"],
    [{ counties: ["Travis"], classes: [] }, "Travis County"],
    [{ counties: ["Bell", "Hays", "Travis"], classes: [] }, "Bell, Hays and Travis"],
    [{ counties: ["Bell", "Bexar", "Dallas", "Hays", "Travis"], classes: [] }, "Bell, Bexar, Dallas and 2 more"],
    [{ counties: [], classes: ["MA", "MB"] }, "All counties: Class A misdemeanor and Class B misdemeanor"],
  ] as [UserDto["scope"], string][])("%j is %s", (scope, words) => {
    expect(scopeWords(scope)).toBe(words);
  });
});

describe("the form", () => {
  const form = (more: Partial<Parameters<typeof UserForm>[0]> = {}) =>
    markupOf(
      <UserForm mayMakeOwners problem={null} isSending={false} onSave={() => {}} onCancel={() => {}} {...more} />,
    );
  const rolesIn = (markup: string) => [...markup.matchAll(/name="role"[^>]*value="(\w+)"/g)].map(([, role]) => role);

  it("offers the role of owner to owners alone, each role with its meaning", () => {
    expect(rolesIn(form())).toEqual([...ROLES]);
    expect(rolesIn(form({ mayMakeOwners: false }))).toEqual(ROLES.filter((role) => role !== "owner"));
    expect(form()).toContain("Reads leads and changes nothing; can be limited too.");
  });

  it("asks what they see only of who can be limited", () => {
    expect(form()).toContain("What they see");
    expect(form({ user: user({ role: "admin" }) })).toContain("Admins see every lead of the firm.");
    const limited = form({ user: user({ scope: { counties: ["Travis"], classes: ["MB"] } }) });
    expect(limited).toContain('aria-label="Take Travis off"');
    expect(limited.match(/type="checkbox"/g)).toHaveLength(254 + 9);
    expect(limited.match(/type="checkbox"[^>]*checked/g)).toHaveLength(2);
  });

  it("asks for no name and no e-mail of who is there already", () => {
    expect(form()).toMatch(/name="email"/);
    expect(form({ user: user() })).not.toMatch(/name="(email|name)"/);
  });

  it("says at the field what is wrong with it", () => {
    const reason = "belongs to a member of the firm";
    const invalidParams = [{ name: "email", reason }];
    const problem = { status: 409, code: "conflict", title: "", detail: "Taken.", requestId: "r1", invalidParams };
    const markup = form({ problem });
    expect(markup).toMatch(/name="email"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*name="email"/);
    expect(markup).toContain(reason);
    expect(markup).not.toContain("Taken.");
    expect(form({ problem: { ...problem, invalidParams: [] } })).toContain("Taken. Request r1");
  });
});

describe("the page", () => {
  const page = (users: UserDto[], nextHref: string | null = null) =>
    textOf(<UserPanel users={users} me={owner} nextHref={nextHref} isFirstPage timeZone="America/Chicago" now={NOW} />);

  it("tells whoever is alone what comes next, and nobody else", () => {
    expect(page([user({ id: "me" })])).toContain("You are alone here so far");
    expect(page([user({ id: "me" }), user()])).not.toContain("alone");
    expect(page([user({ id: "me" }), user()])).toContain("2 people");
  });

  it("counts nobody where the list goes on", () => {
    const first = page([user()], "/settings/users?cursor=x");
    expect(first).toContain("Next page");
    expect(first).not.toContain("1 person");
  });
});
