import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOME, safeCallbackPath } from "@/lib/http/callback-url";

const ORIGIN = "https://smithlaw.arrestra.com";

describe("safeCallbackPath", () => {
  it.each([
    ["/leads?status=new#top", "/leads?status=new#top"],
    ["/leads/01890a5d", "/leads/01890a5d"],
    [`${ORIGIN}/leads?q=a%20b`, "/leads?q=a%20b"],
    ["/leads?next=https://evil.example", "/leads?next=https://evil.example"],
  ])("goes on to %s", (asked, path) => {
    expect(safeCallbackPath(asked, ORIGIN)).toBe(path);
  });

  it.each([
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "http://smithlaw.arrestra.com/leads",
    "https://smithlaw.arrestra.com@evil.example/",
    "https://smithlaw.arrestra.com:443@evil.example",
    "https://user:pass@smithlaw.arrestra.com/leads",
    "https://smithlaw.arrestra.com.evil.example/",
    "https://smithlaw.arrestra.com:444/",
    "https://evilsmithlaw.arrestra.com/",
    "https://riverbend.arrestra.com/leads",
    "/leads\r\nSet-Cookie: a=b",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "java\tscript:alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://smithlaw.arrestra.com/x",
    "/leads\u0000",
    "/.//evil.example",
    "/..//evil.example",
    "/x/..//evil.example",
    "/%2e//evil.example",
    "leads",
    "evil.example",
    "?x",
    "#x",
    "",
    "/api/auth/signout",
    "/api/leads/export",
    "/login",
    "/login?callbackUrl=/login",
    `/${"a".repeat(3000)}`,
    "/leads\u007f",
    "https://smithlaw.arrestra.com\\@evil.example",
    "https:\\\\evil.example",
  ])("stays at home for %j", (asked) => {
    expect(safeCallbackPath(asked, ORIGIN)).toBe(HOME);
  });

  it("stays at home for nothing", () => {
    expect(safeCallbackPath(null, ORIGIN)).toBe(HOME);
    expect(safeCallbackPath(undefined, ORIGIN)).toBe(HOME);
  });

  it("never leaves the origin, whatever is asked", () => {
    const piece = fc.constantFrom(
      "/",
      "\\",
      ":",
      "@",
      ".",
      "..",
      "//",
      "https:",
      "evil.example",
      ORIGIN,
      "%2f",
      "\t",
      "\n",
      "?",
      "#",
      "a",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.array(piece, { maxLength: 8 }).map((all) => all.join("")),
        ),
        (asked) => {
          const path = safeCallbackPath(asked, ORIGIN);
          expect(path).toMatch(/^\/(?!\/)/);
          expect(new URL(path, ORIGIN).origin).toBe(ORIGIN);
        },
      ),
    );
  });
});
