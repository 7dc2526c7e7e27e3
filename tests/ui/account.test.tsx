import { describe, expect, it } from "vitest";
import type { AccountDto } from "@/lib/contracts/account";
import { AccountView } from "@/lib/ui/account-view";
import { browserWords } from "@/lib/ui/browser-words";
import { PasswordStrength } from "@/lib/ui/password-field";
import { markupOf, textOf } from "./render";

const NOW = "2026-11-21T18:00:00.000Z";
const account = (more: Partial<AccountDto> = {}): AccountDto => ({
  id: "1",
  name: "Dana Counsel",
  email: "dana@smithlaw.example",
  role: "attorney",
  passwordChangedAt: "2026-03-03T18:00:00.000Z",
  authenticatorSince: "2026-03-03T18:00:00.000Z",
  recoveryCodesLeft: 7,
  passkeys: [
    { id: "p1", name: "Front desk", createdAt: "2026-06-01T18:00:00.000Z", lastUsedAt: null, isUsableHere: true },
    { id: "p2", name: "Old laptop", createdAt: "2025-06-01T18:00:00.000Z", lastUsedAt: NOW, isUsableHere: false },
  ],
  sessions: [
    {
      id: "s1",
      createdAt: "2026-11-21T16:00:00.000Z",
      lastSeenAt: NOW,
      expiresAt: "2026-11-22T04:00:00.000Z",
      userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      isThisOne: true,
    },
    {
      id: "s2",
      createdAt: "2026-11-21T15:00:00.000Z",
      lastSeenAt: "2026-11-21T17:48:00.000Z",
      expiresAt: "2026-11-22T03:00:00.000Z",
      userAgent: null,
      isThisOne: false,
    },
  ],
  freshUntil: null,
  ...more,
});
const firm = { name: "Smith Law", slug: "smithlaw", host: "smithlaw.arrestra.com", timeZone: "America/Chicago" };
const view = (more?: Partial<AccountDto>) => <AccountView account={account(more)} firm={firm} now={NOW} />;

describe("the page of one's own account", () => {
  it("says who one is in the firm, in words", () => {
    expect(textOf(view())).toContain(
      "Role Attorney. Works leads and exports them; can be limited to counties and charges.",
    );
    expect(textOf(view())).toContain("E-mail dana@smithlaw.example");
  });

  it("says since when the password and the authenticator are in use, and what changing them does", () => {
    expect(textOf(view())).toContain("Chosen Mar 3. Changing it signs you out everywhere else.");
    expect(textOf(view())).toContain("In use since Mar 3.");
    expect(textOf(view({ passwordChangedAt: null }))).toContain("Never changed here.");
  });

  it.each([
    [7, "7 left."],
    [4, "4 left."],
    [3, "Only 3 left: make new ones soon."],
    [1, "Only 1 left: make new ones soon."],
    [0, "None left: make new ones now."],
  ])("with %i recovery codes says: %s", (recoveryCodesLeft, words) => {
    expect(textOf(view({ recoveryCodesLeft }))).toContain(words);
  });

  it("names the one address that passkeys work on, and those that belong elsewhere", () => {
    const text = textOf(view());
    expect(text).toContain("It works on smithlaw.arrestra.com and on no other address of the firm.");
    expect(text).toContain("Old laptop Made on another address of the firm");
    expect(text).not.toContain("Front desk Made on");
  });

  it("offers no eleventh passkey", () => {
    const [one] = account().passkeys;
    const ten = Array.from({ length: 10 }, (_, at) => ({ ...(one as AccountDto["passkeys"][number]), id: `p${at}` }));
    expect(textOf(view({ passkeys: ten }))).toContain("You have 10, which is the most");
    expect(textOf(view({ passkeys: ten }))).not.toContain("Add a passkey");
  });

  it("marks this session, offers no end to it, and one to each other", () => {
    const text = textOf(view());
    expect(text).toContain("Firefox on Linux · this one");
    expect(text).toContain("An unknown program");
    expect(markupOf(view()).match(/aria-label="Sign out /g)).toHaveLength(1);
    expect(text).toContain("Sign out everywhere else");
    const alone = account().sessions.filter(({ isThisOne }) => isThisOne);
    expect(textOf(view({ sessions: alone }))).not.toContain("Sign out everywhere else");
  });
});

describe("a browser", () => {
  it.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
      "Chrome on Windows",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
      "Safari on a Mac",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
      "Chrome on iPhone",
    ],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
      "Samsung Internet on Android",
    ],
    [
      "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
      "Chrome on a Chromebook",
    ],
    ["curl/8.5.0", "An unknown program"],
    ["<script>alert(1)</script>", "An unknown program"],
    [null, "An unknown program"],
  ])("%s is called %s", (userAgent, words) => {
    expect(browserWords(userAgent)).toBe(words);
  });
});

describe("the judgement of a password", () => {
  it("says what it takes, what is wrong, or that it will do", () => {
    const words = (judgement: Parameters<typeof PasswordStrength>[0]["judgement"]) =>
      textOf(<PasswordStrength id="strength" judgement={judgement} />);
    expect(words(null)).toContain("At least 12 characters.");
    expect(words({ score: 1, reason: "repeats one character" })).toBe("This password repeats one character.");
    expect(words({ score: 4, reason: null })).toBe("Strong.");
  });
});
