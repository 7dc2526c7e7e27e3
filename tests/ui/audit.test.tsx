import { describe, expect, it } from "vitest";
import type { AuditChain, AuditEntry } from "@/lib/contracts/audit";
import { EVENTS } from "@/lib/domain/events/catalog";
import { AuditAlarms } from "@/lib/ui/audit-alarms";
import { auditHref } from "@/lib/ui/audit-query";
import { AuditView } from "@/lib/ui/audit-view";
import { detailLines } from "@/lib/ui/audit-words";
import { markupOf, textOf } from "./render";

const NOW = "2026-11-21T18:00:00.000Z";
const USER = "01900000-0000-7000-8000-000000000111";
const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  id: "01900000-0000-7000-8000-000000000999",
  sequence: 1204,
  type: "user.disabled",
  occurredAt: "2026-11-21T17:00:00.123Z",
  actor: { type: "user", id: USER, name: "Dana Counsel" },
  leadId: null,
  requestId: "request-1",
  data: { userId: "u2" },
  ...over,
});
const CHAIN: AuditChain = {
  sealed: { sequence: 1204, at: "2026-11-21T17:00:02.000Z" },
  signed: { sequence: 1200, at: "2026-11-21T16:55:00.000Z" },
  verified: null,
  problem: null,
};
const view = (over: Partial<Parameters<typeof AuditView>[0]> = {}) => (
  <AuditView
    page={{ entries: [entry()], names: { u2: "Riley Park" }, nextCursor: "next" }}
    chain={CHAIN}
    filter={{}}
    types={Object.keys(EVENTS)}
    people={[{ id: USER, name: "Dana Counsel" }]}
    keys={[{ id: "k1", name: "Scraper" }]}
    jobs={["rescore-due-leads"]}
    isLater={false}
    size="small"
    freshUntil={null}
    timeZone="America/Chicago"
    now={NOW}
    {...over}
  />
);

describe("the audit page", () => {
  it("says what happened in words, by whom, and at which number of the chain", () => {
    const text = textOf(view());
    expect(text).toContain("Today 11:00 AM 1,204 Dana Counsel disabled Riley Park");
    expect(text).toContain("Sealed to no. 1,204, today 11:00 AM. Last signed head: no. 1,200, today 10:55 AM.");
    expect(text).toContain("Not verified yet: that is done every night.");
  });

  it("holds every fact behind the line, also without a script", () => {
    const markup = markupOf(
      view({ page: { entries: [entry({ leadId: "lead-1" })], names: { u2: "Riley Park" }, nextCursor: null } }),
    );
    expect(markup).toMatch(/<details[^>]*>.*<dl.*Riley Park \(u2\).*<\/dl><\/details>/s);
    expect(markup).toContain("2026-11-21T17:00:00.123Z");
    expect(markup).toContain("request-1");
    expect(markup).toContain('href="/leads/lead-1"');
    expect(markup).toContain('href="/settings/audit?lead=lead-1"');
  });

  it("says when an event has no number yet", () => {
    expect(markupOf(view({ page: { entries: [entry({ sequence: null })], names: {}, nextCursor: null } }))).toContain(
      "Not sealed yet",
    );
  });

  it("says aloud that a chain is broken, and where", () => {
    const problem = { sequence: 512, words: "The event of this seal is gone.", since: "2026-11-21T08:23:00.000Z" };
    const text = textOf(view({ chain: { ...CHAIN, problem } }));
    expect(text).toContain("The chain is broken at no. 512. The event of this seal is gone. Found today 2:23 AM.");
  });

  it("keeps the filter in its form, its file and its pages", () => {
    const filter = { group: "auth", actor: "gone-user", from: "2026-11-01" } as const;
    const markup = markupOf(view({ filter, isLater: true }));
    expect(markup).toContain('<option value="auth" selected="">Signing in</option>');
    expect(markup).toContain('<option value="gone-user" selected="">gone-user</option>');
    expect(markup).toContain('href="/api/audit/export?group=auth&amp;actor=gone-user&amp;from=2026-11-01"');
    expect(markup).toContain(
      'href="/settings/audit?group=auth&amp;actor=gone-user&amp;from=2026-11-01&amp;cursor=next"',
    );
    expect(markup).toContain('href="/settings/audit"');
    // Of one group only its own kinds are offered.
    expect(markup).toContain('value="auth.signed_in"');
    expect(markup).not.toContain('value="user.invited"');
  });

  it("says so when nothing matches, with a way back", () => {
    const text = textOf(view({ filter: { type: "firm.closed" }, page: { entries: [], names: {}, nextCursor: null } }));
    expect(text).toContain("Nothing under this filter");
    expect(text).toContain("Clear all");
  });
});

describe("the details of an event", () => {
  const lines = (data: Record<string, unknown>) =>
    detailLines(data, { names: { u2: "Riley Park" }, timeZone: "America/Chicago", now: NOW }).map(
      ({ field, value }) => `${field}: ${value}`,
    );

  it("are words: names for ids, times with their zone, lists and parts", () => {
    expect(
      lines({
        userId: "u2",
        oldUntil: "2026-11-22T18:00:00.000Z",
        fields: ["name"],
        none: null,
        complete: false,
        from: { type: "surety", cents: 5 },
        scope: { counties: [], classes: [] },
        empty: {},
      }),
    ).toEqual([
      "User: Riley Park (u2)",
      "Old until: Sun, Nov 22, 12:00 PM CST",
      "Fields: name",
      "None: none",
      "Complete: no",
      "From: Type: surety; Cents: 5",
      "Scope: Counties: none; Classes: none",
      "Empty: none",
    ]);
  });
});

describe("the alarms for the operator", () => {
  const alarm = (kind: "broken" | "unwatched", slug: string, sequence: number | null = null) => ({
    kind,
    slug,
    since: "2026-11-21T17:00:00.000Z",
    sequence,
  });
  const alarms = (...list: ReturnType<typeof alarm>[]) =>
    textOf(<AuditAlarms alarms={list} timeZone="America/Chicago" now={NOW} />);

  it("are a line for each kind, the gravest first, with the firms that have it", () => {
    const many = Array.from({ length: 7 }, (_, index) => alarm("unwatched", `firm-${index}`));
    expect(alarms(...many, alarm("broken", "smithlaw", 1512))).toBe(
      "Audit trail: a chain is broken. smithlaw at no. 1,512, since today 11:00 AM. The runbook audit-alarm says what to do. " +
        "Audit trail: nobody has looked at a chain for five minutes. firm-0, firm-1, firm-2, firm-3, firm-4 and 2 other firms, since today 11:00 AM. The runbook audit-alarm says what to do.",
    );
  });

  it("are nothing when all is well", () => {
    expect(alarms()).toBe("");
  });
});

it("leaves out of the address what the filter does not say", () => {
  expect(auditHref({})).toBe("/settings/audit");
  expect(auditHref({ lead: "x", to: "2026-11-02" }, "c")).toBe("/settings/audit?lead=x&to=2026-11-02&cursor=c");
});
