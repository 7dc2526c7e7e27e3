import { describe, expect, it } from "vitest";
import { ENRICHMENT_STATES } from "@/lib/contracts/leads";
import {
  EMAIL_VERDICTS,
  type EmailCheck,
  LINE_TYPES,
  LOOKUP_PROBLEMS,
  type PhoneCheck,
} from "@/lib/contracts/providers";
import { decideRetry, GIVE_UP_AFTER_MS, MAX_RESTS, type RETRY_POLICY } from "@/lib/domain/enrichment/retry-policy";
import { contactStateOf } from "@/lib/domain/leads/contact-state";
import { answerWords, failureWords, problemWords } from "@/lib/domain/leads/enrichment-words";

const number = (over: Partial<PhoneCheck> = {}): PhoneCheck => ({
  valid: true,
  reasons: [],
  lineType: "mobile",
  carrier: "T-Mobile",
  country: "US",
  lineProblem: null,
  ...over,
});
const address = (over: Partial<EmailCheck> = {}): EmailCheck => ({
  verdict: "deliverable",
  reason: "accepted_email",
  role: false,
  free: false,
  disposable: false,
  acceptAll: false,
  suggestedDomain: null,
  quality: 1,
  ...over,
});

describe("an answer in words", () => {
  it.each([
    [number(), "Mobile, T-Mobile. Valid."],
    [number({ lineType: "landline", carrier: null }), "Landline. Valid."],
    [number({ lineType: null, carrier: null }), "Valid. The kind of line is not known."],
    [number({ lineType: null, carrier: null, lineProblem: 60606 }), "Valid. The kind of line could not be read."],
    [number({ valid: false, reasons: ["TOO_SHORT"] }), "Not a valid number: it is too short."],
    [number({ valid: false, reasons: ["SOMETHING_NEW"] }), "Not a valid number."],
  ])("says of a number %j: %s", (result, words) => {
    expect(answerWords("twilio", "found", result)).toBe(words);
  });

  it.each([
    [address(), "Deliverable."],
    [address({ verdict: "risky", acceptAll: true }), "Accepts any address, so delivery cannot be confirmed."],
    [address({ verdict: "undeliverable", reason: "rejected_email" }), "Undeliverable: the mailbox does not exist."],
    [
      address({ verdict: "unknown", reason: "timeout" }),
      "Cannot be confirmed: the mail server did not answer in time.",
    ],
    [
      address({ verdict: "undeliverable", reason: "invalid_domain", suggestedDomain: "example.com" }),
      "Undeliverable: the domain does not exist. Perhaps @example.com was meant.",
    ],
  ])("says of an address %j: %s", (result, words) => {
    expect(answerWords("kickbox", "found", result)).toBe(words);
  });

  it("says that a number nobody knows is not in service", () => {
    expect(answerWords("twilio", "not_found", null)).toBe("Not in service.");
  });
});

describe("a failure in words", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  const at = { timeZone: "America/Chicago", now };
  const fail = (problem: string, nextAttemptAt: string | null, provider = "twilio") =>
    failureWords({ provider, problem, nextAttemptAt: nextAttemptAt ? new Date(nextAttemptAt) : null }, at);

  it("says what failed, what is safe and what comes next, by the county's clock", () => {
    expect(fail("timeout", "2026-11-20T12:10:00Z")).toBe(
      "Twilio did not answer. Nothing was changed. We try again at 6:10 AM.",
    );
    expect(fail("budget", "2026-11-21T06:02:00Z", "kickbox")).toBe(
      "The firm's checks of today are used up. Nothing was changed. We try again on Nov 21 at 12:02 AM.",
    );
    expect(fail("rejected", null)).toBe(
      "Twilio does not take this contact. Nothing was changed. Look at the contact and correct it.",
    );
  });

  it("has words for every problem", () => {
    for (const problem of LOOKUP_PROBLEMS) {
      expect(problemWords("twilio", problem)).not.toContain("could not be asked");
      expect(fail(problem, null)).toMatch(/^[A-Z].*\. Nothing was changed\. .*\.$/);
    }
  });
});

describe("a lead's contact state", () => {
  const phone = (over: object = {}) => ({
    kind: "phone" as const,
    latest: "found",
    known: "found",
    result: number(),
    ...over,
  });
  const mail = (over: object = {}) => ({
    kind: "email" as const,
    latest: "found",
    known: "found",
    result: address(),
    ...over,
  });
  const unknownPhone = { latest: null, known: null, result: null };

  it.each([
    ["none", []],
    ["unchecked", [phone(unknownPhone)]],
    ["checking", [phone({ latest: "pending", known: null, result: null }), phone(unknownPhone)]],
    ["failed", [phone({ latest: "refused", known: null, result: null }), phone({ result: number({ valid: false }) })]],
    ["mobile_valid", [mail(), phone()]],
    ["mobile_valid", [phone({ latest: "pending" })]],
    ["email_deliverable", [mail(), phone({ latest: "not_found", known: "not_found", result: null })]],
    [
      "checking",
      [mail({ result: address({ verdict: "risky" }) }), phone({ latest: "pending", known: null, result: null })],
    ],
    [
      "phone_invalid",
      [phone({ result: number({ valid: false }) }), mail({ result: address({ verdict: "undeliverable" }) })],
    ],
  ] as const)("is %s", (state, contacts) => {
    expect(contactStateOf(contacts)).toBe(state);
  });

  it("has a word for every line type, verdict and state of a check", () => {
    for (const lineType of LINE_TYPES)
      expect(contactStateOf([phone({ result: number({ lineType }) })])).toMatch(/_valid$/);
    for (const verdict of EMAIL_VERDICTS) {
      expect(contactStateOf([mail({ result: address({ verdict }) })])).toBe(`email_${verdict}`);
    }
    for (const latest of ENRICHMENT_STATES) {
      expect(contactStateOf([phone({ latest, known: null, result: null })])).toMatch(/checking|failed/);
    }
  });
});

describe("the retry policy", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  const ask = (problem: keyof typeof RETRY_POLICY, over: object = {}, random = 0) =>
    decideRetry(problem, { attempts: 0, requestedAt: now, now, ...over }, () => random);

  it("never comes back before the provider allows, and little later", () => {
    for (const random of [0, 0.5, 0.999]) {
      const verdict = ask("throttled", { retryAfterMs: 30_000 }, random);
      const wait = "retryAt" in verdict ? verdict.retryAt.getTime() - now.getTime() : 0;
      expect(wait).toBeGreaterThanOrEqual(30_000);
      expect(wait).toBeLessThan(34_000);
    }
  });

  it("spreads retries over the whole time, which grows and ends", () => {
    const widest = (attempts: number) => {
      const verdict = ask("unavailable", { attempts }, 0.9999);
      return "retryAt" in verdict ? verdict.retryAt.getTime() - now.getTime() : Number.NaN;
    };
    expect([0, 1, 2, 3].map(widest).every((wait, index, all) => index === 0 || wait > (all[index - 1] ?? 0))).toBe(
      true,
    );
    expect(ask("unavailable", { attempts: 4 })).toMatchObject({ final: "failed", attempts: 5 });
  });

  it("does not count being throttled, but does not wait for ever either", () => {
    expect(ask("throttled", { attempts: 3 })).toMatchObject({ attempts: 3 });
    const long = new Date(now.getTime() - GIVE_UP_AFTER_MS - 1);
    expect(ask("throttled", { requestedAt: long })).toMatchObject({ final: "failed" });
  });

  it("tries a garbled answer twice and a rejected contact never again", () => {
    expect(ask("garbled")).toHaveProperty("retryAt");
    expect(ask("garbled", { attempts: 1 })).toMatchObject({ final: "failed" });
    expect(ask("rejected")).toEqual({ final: "refused", attempts: 1, restUntil: null });
  });

  it("lets the schedule ask again after a rest that grows, and stops in the end", () => {
    const rest = (rests: number) => {
      const verdict = ask("timeout", { attempts: 4, rests });
      return "final" in verdict && verdict.restUntil ? verdict.restUntil.getTime() - now.getTime() : null;
    };
    expect(rest(1)).toBe((rest(0) ?? 0) * 4);
    expect(rest(MAX_RESTS)).toBeNull();
  });
});
