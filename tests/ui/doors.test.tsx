import { describe, expect, it } from "vitest";
import { judgePassword, passwordContext } from "@/lib/core/password-rules";
import { CodeForm } from "@/lib/ui/code-form";
import { ConfirmDialog } from "@/lib/ui/confirm-dialog";
import { DeadLink } from "@/lib/ui/dead-link";
import { LoginForm } from "@/lib/ui/login-form";
import { PasswordStrength } from "@/lib/ui/password-field";
import { RecoveryCodesShown } from "@/lib/ui/recovery-codes";
import { ShownOnce } from "@/lib/ui/shown-once";
import { signInProblem } from "@/lib/ui/sign-in-problem";
import { markupOf, textOf } from "./render";

const form = { firmName: "Smith Law", host: "smithlaw.arrestra.com", callbackUrl: "/leads/7" };
const code = { callbackUrl: "/leads/7", otherHref: "/login/code?with=recovery", startHref: "/login" };

describe("signing in", () => {
  it("is two plain forms that need no script, each with the place to go on to", () => {
    const pages = [
      markupOf(<LoginForm {...form} />),
      markupOf(<CodeForm {...code} way="code" />),
      markupOf(<CodeForm {...code} way="recoveryCode" />),
    ];
    for (const page of pages) {
      expect(page).toMatch(/<form [^>]*action="\/api\/auth\/callback\/credentials" method="post"/);
      expect(page).toContain('name="callbackUrl" value="/leads/7"');
      expect(page).toMatch(/<button type="submit"[^>]*>Sign in<\/button>/);
    }
    expect(pages.map((page) => [...page.matchAll(/name="(\w+)"/g)].map(([, name]) => name))).toEqual([
      ["callbackUrl", "email", "password"],
      ["callbackUrl", "code", "callbackUrl", "passkey"],
      ["callbackUrl", "recoveryCode", "callbackUrl", "passkey"],
    ]);
  });

  it("lets a phone offer the number pad and the code it knows, and a password manager what it keeps", () => {
    const field = (markup: string, name: string) => markup.match(new RegExp(`<input[^>]*name="${name}"[^>]*>`))?.[0];
    const page = markupOf(<CodeForm {...code} way="code" />);
    expect(field(page, "code")).toMatch(/autoComplete="one-time-code"/i);
    expect(field(page, "code")).toMatch(/inputMode="numeric"/i);
    const first = markupOf(<LoginForm {...form} />);
    expect(field(first, "email")).toMatch(/autoComplete="username"/i);
    expect(field(first, "password")).toMatch(/autoComplete="current-password"/i);
  });

  it("has one sentence for every way of being wrong, and none that names what was wrong", () => {
    const said = signInProblem("CredentialsSignin");
    expect(said).toBe("E-mail, password or code was not right. After many wrong tries an account waits a while.");
    expect(textOf(<LoginForm {...form} problem={said} />)).toContain(said);
    expect(signInProblem("constructor")).toBe("Sign-in did not work. Nothing was changed; try again.");
    expect(signInProblem(undefined)).toBeUndefined();
  });

  it("says whom to ask when password or authenticator is lost", () => {
    expect(textOf(<LoginForm {...form} />)).toContain("Forgot your password? Ask an admin of your firm");
    expect(textOf(<CodeForm {...code} way="code" />)).toContain("Lost your authenticator? Ask an admin of your firm");
  });
});

describe("a one-time link that opens nothing", () => {
  it.each(["join", "password", "factor"] as const)("says why and what to do, for %s", (purpose) => {
    const words = textOf(<DeadLink purpose={purpose} />);
    expect(words).toContain("can no longer be used");
    expect(words).toMatch(/works once, for (three days|one hour|one day)/);
    expect(words).toContain("ask");
    expect(markupOf(<DeadLink purpose={purpose} />)).toContain('href="/login"');
  });
});

describe("the strength of a password", () => {
  const about = passwordContext({
    firmName: "Smith Law",
    slug: "smithlaw",
    host: "smithlaw.arrestra.com",
    name: "Rosa Ejemplo",
    email: "rosa@smithlaw.example",
  });
  const said = (password: string) => textOf(<PasswordStrength id="x" judgement={judgePassword(password, about)} />);

  it("is what the server will say, as a sentence", () => {
    expect(textOf(<PasswordStrength id="x" judgement={null} />)).toContain("At least 12 characters");
    expect(said("short")).toBe("This password must have at least 12 characters; a few words are fine.");
    expect(said("passwordpassword")).toMatch(/^This password .+\.$/);
    expect(said("Smith Law Rosa Ejemplo")).toMatch(/^This password .+\.$/);
    expect(said("velvet otter climbs ninth ridge")).toBe("Strong.");
  });

  it("is told by bars and words, and stands back when the server has spoken", () => {
    const bars = (password: string) =>
      markupOf(<PasswordStrength id="x" judgement={judgePassword(password, about)} />).match(/bg-(good|warm)/g);
    expect(bars("velvet otter climbs ninth ridge")).toEqual(["bg-good", "bg-good", "bg-good", "bg-good"]);
    expect(bars("short")).toEqual(["bg-warm"]);
    expect(textOf(<PasswordStrength id="x" judgement={judgePassword("short", about)} isQuiet />)).toBe("");
  });
});

describe("what is shown once", () => {
  const codes = Array.from({ length: 10 }, (_, number) => `code-${number}`);

  it("are all ten recovery codes, on the page and in the file that is saved", () => {
    const page = markupOf(<RecoveryCodesShown codes={codes} host="smithlaw.arrestra.com" onKept={() => {}} />);
    const saved = decodeURIComponent(page.match(/href="data:text\/plain;charset=utf-8,([^"]+)"/)?.[1] ?? "");
    for (const each of codes) {
      expect(page).toContain(`<li>${each}</li>`);
      expect(saved.split("\n")).toContain(each);
    }
    expect(saved).toContain("smithlaw.arrestra.com");
    expect(page).toMatch(/I have kept them/);
  });

  it("is a secret, whole, with a button that says what it copies and a place where that is announced", () => {
    const page = (
      <ShownOnce label="Key" value="arl_live_x">
        Put it into the program.
      </ShownOnce>
    );
    expect(textOf(page)).toContain("arl_live_x");
    expect(textOf(page)).toContain("Copy key");
    expect(markupOf(page)).toContain('role="status"');
    expect(textOf(page)).toContain("Shown this one time.");
  });
});

it("asks nothing while a dialog is closed", () => {
  const closed = (
    <ConfirmDialog isOpen={false} title="Revoke?" verb="Revoke" onConfirm={() => {}} onCancel={() => {}}>
      Gone for good.
    </ConfirmDialog>
  );
  expect(markupOf(closed)).toBe("");
});
