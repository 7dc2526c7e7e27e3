import { dictionary } from "@zxcvbn-ts/language-common";
import { describe, expect, it } from "vitest";
import { judgePassword, passwordContext } from "@/lib/core/password-rules";

const context = passwordContext({
  firmName: "Hartwell & Ochoa LLP",
  slug: "hartwell-ochoa",
  host: "hartwell-ochoa.arrestra.com",
  name: "Dana Counsel",
  email: "dcounsel77@mailhouse.example",
});
const reasonOf = (password: string) => judgePassword(password, context).reason;

describe("a password", () => {
  // Seen red without: the comparison with PASSWORD_MIN_CHARACTERS.
  it("needs 12 characters, an emoji being one of them", () => {
    expect(reasonOf("x7#kQ9!vLp2")).toContain("at least 12 characters");
    expect(reasonOf("x7#kQ9!vLp2m")).toBeNull();
    // Eleven characters in 22 UTF-16 units.
    expect(reasonOf("🦔🌵🪁🧭🪗🛶🧶🪞🧺🪴🫧")).toContain("at least 12 characters");
  });

  // Seen red without: the comparison with PASSWORD_MAX_BYTES.
  it("may be long, up to 1 kB", () => {
    const long = "correct horse battery staple, ";
    expect(reasonOf(long.repeat(34))).toBeNull();
    expect(reasonOf(long.repeat(35))).toContain("at most 1024 bytes");
    expect(reasonOf("ß".repeat(513))).toContain("at most 1024 bytes");
  });

  it("needs no digits, capitals or signs", () => {
    expect(reasonOf("purple otter sings quietly")).toBeNull();
    expect(reasonOf("ледоход щекочет чернику")).toBeNull();
  });

  // Seen red without: `passwords-common` in the dictionaries.
  it("is none of the known ones, however it is dressed up", () => {
    const known = (dictionary["passwords-common"] as string[]).filter((word) => word.length >= 12);
    expect(known.length).toBeGreaterThan(100);
    const letIn = known.slice(0, 400).filter((word) => reasonOf(word) === null);
    expect(letIn).toEqual([]);
    expect(reasonOf("P@ssw0rdP@ssw0rd")).not.toBeNull();
    expect(reasonOf("Password12345!")).toContain("too close to a password");
  });

  it("is no walk over the keyboard, sequence or repetition", () => {
    for (const walk of ["qwertyuiop[]", "zxcvbnm,./asdf", "aaaaaaaaaaaa", "abcabcabcabc", "123456789012"])
      expect(reasonOf(walk), walk).not.toBeNull();
  });

  // Seen red without: judging what is left when the words are taken out.
  it("is more than the names of the firm, the person, their e-mail or ours", () => {
    for (const ours of [
      "hartwell-ochoa1",
      "Hartwell&Ochoa!",
      "arrestra-Hartwell1",
      "DanaCounsel2026",
      "4rr3stra-dc0uns3l77",
    ])
      expect(reasonOf(ours), ours).toContain("mostly your name");
    expect(reasonOf("hartwell otter sings quietly")).toBeNull();
    // The same words are fine for somebody else.
    expect(judgePassword("Hartwell&Ochoa!", []).reason).toBeNull();
  });

  it("is judged in less than half a second, whatever it is", () => {
    const nasty = [
      "4@3!1$0",
      "@4{[<3361!|1|7$5",
      "|3|3|-||-||\\/|",
      "(_)(_)|_|\\/",
      "asdfqwerzxcv1234",
      "19901231",
      "hartwell",
    ];
    for (const part of nasty) {
      const startedAt = performance.now();
      judgePassword(part.repeat(1000 / part.length), context);
      expect(performance.now() - startedAt, part).toBeLessThan(500);
    }
  });
});
