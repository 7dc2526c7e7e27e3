import { describe, expect, it } from "vitest";
import { LAWFUL_BASES } from "@/lib/contracts/leads";
import { EnrichmentWords } from "@/lib/ui/enrichment-words";
import { eventWords } from "@/lib/ui/event-words";
import { LeadListView } from "@/lib/ui/lead-list-view";
import { LeadView } from "@/lib/ui/lead-view";
import { ScoreLedger } from "@/lib/ui/score-ledger";
import { reportText } from "@/lib/ui/use-check-contacts";
import { markupOf, textOf } from "./render";
import { ANY_LEAD, NOW, sampleContact, sampleDetail, sampleEnrichment, sampleLead } from "./sample-lead";

const page = (
  <LeadView
    detail={sampleDetail()}
    sourceLabel="TOPICs form"
    bases={LAWFUL_BASES}
    hotFrom={70}
    listHref="/leads"
    now={NOW}
  />
);
const list = (leads = [sampleLead()], filter = ANY_LEAD) => (
  <LeadListView
    filter={filter}
    groups={leads.length > 0 ? [{ title: null, leads }] : []}
    counts={{ total: leads.length, hot: leads.length, warm: 0, cool: 0, capped: false }}
    views={[{ label: "All", href: "/leads", isCurrent: true }]}
    counties={["Travis"]}
    nextHref={null}
    firstHref={null}
    rowsAtOnce={5000}
    readAt="6:04 AM CDT"
    now={NOW}
  />
);

describe("what is lawful", () => {
  it("has no action to call, to text or to e-mail anywhere", () => {
    for (const markup of [markupOf(page), markupOf(list())]) {
      expect(markup).not.toMatch(/href="(tel|sms|mailto):/);
      expect(markup).not.toMatch(/<(button|a)[^>]*>(?:<[^>]+>)*\s*(Call|Text|SMS|E-mail|Email|Write)\b/);
    }
  });

  it("says why calls, texts and e-mail are locked, and what opens them", () => {
    expect(textOf(page)).toContain("Calls, texts and e-mail are locked");
    expect(textOf(page)).toContain("A working number is not permission.");
    expect(textOf(page)).toContain("Guidance, not legal advice.");
  });

  it("never calls the person anything but a name", () => {
    expect(`${textOf(page)} ${textOf(list())}`).not.toMatch(/suspect|offender|target|prospect|inmate/i);
  });
});

describe("the lead's page", () => {
  it("shows who gave a contact and why the firm may hold it", () => {
    expect(textOf(page)).toContain(
      "(512) 555-0142 Mobile, T-Mobile. Valid. Checked 2 days ago Given by Ana, sister Family contacted the firm, Mar 11",
    );
  });

  it("lets the firm correct and remove its own contacts, and not those of the source", () => {
    const fromSource = sampleDetail({ contacts: [sampleContact({ origin: "source", givenBy: null, basis: null })] });
    const other = (
      <LeadView detail={fromSource} sourceLabel="TOPICs form" bases={LAWFUL_BASES} listHref="/leads" now={NOW} />
    );
    expect(markupOf(page)).toContain('aria-label="Correct (512) 555-0142"');
    expect(markupOf(other)).not.toContain('aria-label="Correct');
    expect(textOf(other)).toContain("From the source");
  });

  it("names each missing fact by its kind", () => {
    const detail = sampleDetail({ lead: { ...sampleDetail().lead, arrestedAt: null, magistratedAt: null } });
    const text = textOf(
      <LeadView detail={detail} sourceLabel="TOPICs form" bases={LAWFUL_BASES} listHref="/leads" now={NOW} />,
    );
    expect(text).toContain("Arrested Not on the form");
    expect(text).toContain("Custody Not confirmed The bail form does not say");
    expect(text).toContain("Blank on form");
  });

  it("shows points and what each reason could give, and what never counts", () => {
    const node = <ScoreLedger reasons={[{ rule: "bail", label: "Bail", detail: "$25,500", points: 16, max: 20 }]} />;
    expect(textOf(node)).toContain("+16 Bail $25,500");
    expect(markupOf(node)).toContain('aria-label="16 of 20 possible"');
    expect(textOf(node)).toContain("Race, sex, photo, name and ZIP code never count.");
  });
});

describe("checks of contacts in words", () => {
  const words = (changes: Parameters<typeof sampleEnrichment>[0] | null) =>
    textOf(
      <EnrichmentWords enrichment={changes ? sampleEnrichment(changes) : null} timeZone="America/Chicago" now={NOW} />,
    );

  it("says what is not known yet", () => {
    expect(words(null)).toBe("Not checked yet");
    expect(words({ state: "pending", checkedAt: null })).toBe("Checking…");
  });

  it("says why a look-up failed and when the next try is", () => {
    expect(words({ state: "pending", problem: "Twilio did not answer", nextAttemptAt: "2026-03-12T11:30:00Z" })).toBe(
      "Lookup failed: Twilio did not answer. Next try today 6:30 AM",
    );
    expect(words({ state: "failed", problem: "Twilio refused the number" })).toBe(
      "Lookup failed: Twilio refused the number. The contact itself is kept",
    );
  });

  it("sums up what was asked for", () => {
    expect(
      reportText({
        queued: 1,
        leads: [
          { leadId: "a", queued: 1, reused: 0, outcome: "queued" },
          { leadId: "b", queued: 0, reused: 2, outcome: "fresh" },
          { leadId: "c", queued: 0, reused: 0, outcome: "no_contact" },
        ],
      }),
    ).toBe("1 contact will be checked. 2 results are still fresh. 1 lead has no contact on file.");
  });
});

describe("the list", () => {
  it("says new, the age and further charges aloud", () => {
    const text = textOf(list([sampleLead({ isNew: true, chargeCount: 3 })]));
    expect(text).toContain("Samplewood, Jordan Avery age 34 , new");
    expect(text).toContain("+2 more");
  });

  it("says which column it is sorted by, and sorts by a link", () => {
    const markup = markupOf(list([sampleLead()], { ...ANY_LEAD, sort: "bail", dir: "asc" }));
    expect(markup).toMatch(/aria-sort="ascending"[^>]*>\s*<a[^>]*href="\/leads\?sort=bail"/);
  });

  it("offers the smallest step back when nothing matches", () => {
    const text = textOf(list([], { ...ANY_LEAD, band: ["hot"], q: "zzz" }));
    expect(text).toContain("No leads match these filters");
    expect(text).toContain("Remove search Remove band Clear all filters");
  });

  it("exports exactly the filter on screen", () => {
    expect(markupOf(list([sampleLead()], { ...ANY_LEAD, band: ["hot"], q: "dwi" }))).toContain(
      'href="/api/leads/export?band=hot&amp;q=dwi"',
    );
  });
});

describe("the timeline", () => {
  const event = (type: string, data: Record<string, unknown>) =>
    eventWords({ id: "1", type, occurredAt: NOW, actor: { type: "user", name: "Robin Paralegal" }, data });

  it("says who moved a lead and why", () => {
    expect(
      event("lead.status_changed", { from: "new", to: "dismissed", reason: "Conflict", note: null }),
    ).toMatchObject({
      text: "Robin Paralegal moved New → Dismissed",
      more: "Conflict",
    });
  });

  // Seen red without: takenBack in the words of a move.
  it("says of a lead that an undone import brought why it is dismissed, also in the audit trail, which has no reasons", () => {
    const data = { from: "new", to: "dismissed", note: null, takenBack: { importId: "i", version: 2 } };
    const said = { more: "The import that brought it was taken back" };
    expect(event("lead.status_changed", { ...data, reason: said.more })).toMatchObject(said);
    expect(event("lead.status_changed", data)).toMatchObject(said);
  });

  it("shows an event it does not know by its own name", () => {
    expect(event("lead.taken_off_hold", {}).text).toBe("Robin Paralegal: taken off hold");
  });
});
