import { describe, expect, it } from "vitest";
import type { ConsultationDetail, ConsultationDto } from "@/lib/contracts/consultations";
import { AgendaList } from "@/lib/ui/agenda-list";
import { weekOf } from "@/lib/ui/calendar-days";
import { CalendarMonth } from "@/lib/ui/calendar-month";
import { CalendarWeek } from "@/lib/ui/calendar-week";
import { syncLine } from "@/lib/ui/connection-words";
import { consultationsHref } from "@/lib/ui/consultation-query";
import { ConsultationSection } from "@/lib/ui/consultation-section";
import { ConsultationView } from "@/lib/ui/consultation-view";
import { attendanceWords, mirrorWords, paidWords, timeRange } from "@/lib/ui/consultation-words";
import { ConsultationsView } from "@/lib/ui/consultations-view";
import { untilWords } from "@/lib/ui/reminder-words";
import { markupOf, textOf } from "./render";

const ZONE = "America/Chicago";
const NOW = "2026-11-24T18:00:00.000Z";
const TODAY = "2026-11-24";

const one = (more: Partial<ConsultationDto> = {}): ConsultationDto => ({
  id: "01a20137-4c3b-77df-9735-049ed97993c4",
  version: 1,
  leadId: "01a2007e-1feb-72fc-94a1-911cb5e2e394",
  leadName: "SPECIMEN, DARA",
  leadStatus: "consultation",
  origin: "acuity",
  state: "scheduled",
  startsAt: "2026-11-24T20:00:00.000Z",
  endsAt: "2026-11-24T20:30:00.000Z",
  timeZone: ZONE,
  kind: "First consultation",
  calendarName: null,
  location: null,
  joinUrl: "https://zoom.example/j/1",
  joinUrlFrom: "zoom",
  priceCents: 15_000,
  isPaid: true,
  bookedAt: "2026-11-20T20:00:00.000Z",
  outcome: null,
  outcomeAt: null,
  attendance: "unknown",
  attendanceFrom: null,
  attendedSeconds: null,
  conflicts: [],
  ...more,
});
const past = (more: Partial<ConsultationDto> = {}) =>
  one({ id: "p", startsAt: "2026-11-24T15:00:00.000Z", endsAt: "2026-11-24T15:30:00.000Z", ...more });
const detail = (more: Partial<ConsultationDetail> = {}): ConsultationDetail => ({
  ...one(),
  notes: null,
  people: [],
  mirrors: [],
  ...more,
});
const at = { timeZone: ZONE, now: NOW };
const agenda = (...consultations: ConsultationDto[]) => (
  <AgendaList consultations={consultations} today={TODAY} {...at} />
);

describe("the agenda", () => {
  it("says when, who, what, where, how it stands and what was paid, by the firm's clocks", () => {
    expect(textOf(agenda(one()))).toBe(
      "Today, Tuesday, Nov 24 2:00 to 2:30 PM Specimen, Dara First consultation, 30 min, Video Scheduled $150 paid Join Specimen, Dara at 2:00 PM, in a new tab",
    );
  });

  it("offers the meeting until an hour after it, of one that takes place, and opens nothing but https", () => {
    const joins = (more: Partial<ConsultationDto>) => markupOf(agenda(one(more))).includes('target="_blank"');
    expect(joins({})).toBe(true);
    expect(joins({ endsAt: "2026-11-24T17:30:00.000Z", startsAt: "2026-11-24T17:00:00.000Z" })).toBe(true);
    expect(joins({ endsAt: "2026-11-24T16:30:00.000Z", startsAt: "2026-11-24T16:00:00.000Z" })).toBe(false);
    expect(joins({ state: "canceled" })).toBe(false);
    expect(joins({ joinUrl: "javascript:alert(1)" })).toBe(false);
    expect(markupOf(agenda(one()))).toContain('rel="noopener noreferrer"');
  });

  it("says what it overlaps with, without a name, and nothing of it once it is off", () => {
    const conflicts: ConsultationDto["conflicts"] = [
      {
        kind: "busy",
        startsAt: "2026-11-24T20:15:00.000Z",
        endsAt: "2026-11-24T21:00:00.000Z",
        isAllDay: false,
        consultationId: null,
      },
      {
        kind: "busy",
        startsAt: "2026-11-24T06:00:00.000Z",
        endsAt: "2026-11-25T06:00:00.000Z",
        isAllDay: true,
        consultationId: null,
      },
    ];
    expect(textOf(agenda(one({ conflicts })))).toContain(
      "The calendar is busy 2:15 to 3:00 PM The calendar is busy all day",
    );
    expect(textOf(agenda(one({ conflicts, state: "canceled" })))).not.toContain("busy");
  });

  it("asks for the outcome of what is over, and tells it where there is one", () => {
    expect(textOf(agenda(past()))).toContain("Over No outcome yet");
    expect(textOf(agenda(past({ outcome: "retained", attendance: "attended", attendedSeconds: 1500 })))).toContain(
      "Over Retained Came, 25 min",
    );
    expect(textOf(agenda(past({ state: "no_show" })))).toContain("No-show");
    expect(textOf(agenda(past({ state: "no_show" })))).not.toContain("No outcome yet");
  });
});

describe("the calendar", () => {
  it("puts each of a week under its day, with its words for who cannot see where it stands", () => {
    const week = (
      <CalendarWeek
        days={weekOf(TODAY)}
        consultations={[
          one(),
          one({ id: "q", startsAt: "2026-11-26T20:00:00.000Z", endsAt: "2026-11-26T21:00:00.000Z", state: "canceled" }),
        ]}
        busy={[{ startsAt: "2026-11-24T18:00:00.000Z", endsAt: "2026-11-24T19:00:00.000Z", isAllDay: false }]}
        today={TODAY}
        {...at}
      />
    );
    const markup = markupOf(week);
    expect(markup).toContain('aria-label="2:00 to 2:30 PM, Specimen, Dara, First consultation"');
    expect(markup).toContain('aria-label="2:00 to 3:00 PM, Specimen, Dara, First consultation, Canceled"');
    expect(textOf(week)).toContain("Calendar busy 12:00 to 1:00 PM");
    expect(markup.match(/<section/g)).toHaveLength(7);
    // Half an hour has room for one line, an hour for two. Seen red without: `short`.
    expect(markup.match(/class="\s*short"/g)).toHaveLength(1);
  });

  it("counts each day of a month and shows the first three", () => {
    const many = Array.from({ length: 5 }, (_, index) => one({ id: `c${index}` }));
    const month = <CalendarMonth day={TODAY} consultations={many} timeZone={ZONE} today={TODAY} />;
    expect(markupOf(month)).toContain('aria-label="Today, Tuesday, Nov 24, 5 consultations"');
    expect(textOf(month)).toContain("2 more on Today, Tuesday, Nov 24");
    expect(markupOf(month).match(/href="\/consultations\/c/g)).toHaveLength(3);
  });

  it("has an address for each view that says no more than it must", () => {
    expect(consultationsHref({ view: "agenda" })).toBe("/consultations");
    expect(consultationsHref({ view: "week", day: "2026-11-22", state: "canceled" })).toBe(
      "/consultations?view=week&day=2026-11-22&state=canceled",
    );
  });

  it("tells a firm without any how they get here, and only who may connect to connect", () => {
    const empty = (mayConnect: boolean) => (
      <ConsultationsView
        search={{ view: "agenda" }}
        day={TODAY}
        consultations={[]}
        busy={[]}
        nextCursor={null}
        undecided={0}
        isFirmEmpty
        mayConnect={mayConnect}
        today={TODAY}
        {...at}
      />
    );
    expect(markupOf(empty(true))).toContain('href="/settings/connections"');
    expect(markupOf(empty(false))).not.toContain('href="/settings/connections"');
    expect(textOf(empty(false))).toContain("An owner or admin of the firm connects other services.");
  });
});

describe("one consultation", () => {
  const view = (more: Partial<ConsultationDetail> = {}, mayChange = true) => (
    <ConsultationView consultation={detail(more)} mayChange={mayChange} {...at} />
  );

  it("says the hour by both clocks where they differ", () => {
    expect(textOf(view({ timeZone: "America/Los_Angeles" }))).toContain(
      "Tue, Nov 24, 2:00 PM CST , 30 min For the person: Tue, Nov 24, 12:00 PM PST (America/Los Angeles)",
    );
    expect(textOf(view({ timeZone: "America/Menominee" }))).not.toContain("For the person");
  });

  it("shows what was written and who was there as text", () => {
    const people = [{ name: "<b>Dara</b>", isHost: true, joinedAt: NOW, leftAt: null, seconds: 30 }];
    const text = textOf(view({ notes: "<script>x</script>", people }));
    expect(text).toContain("<script>x</script>");
    expect(text).toContain("<b>Dara</b> , host 12:00 PM Still in it under a minute");
  });

  it("lets only who may change it, and judge it only once it has begun", () => {
    expect(textOf(view({}, false))).not.toContain("What to do");
    expect(textOf(view())).toContain("Move… Cancel… Put under another lead…");
    expect(textOf(view())).not.toContain("What came of it");
    expect(textOf(view({ ...past() }))).toContain(
      "What came of it Retained Thinking Declined… Did the person come? Came Did not come",
    );
    expect(textOf(view({ state: "canceled" }))).not.toContain("Move");
  });

  it("says what stands for it elsewhere, and what is wrong there", () => {
    const words = (mirror: Parameters<typeof mirrorWords>[0]) =>
      mirrorWords(mirror, { timeZone: "America/Chicago", now: "2026-11-20T15:00:00Z" });
    const linked = { kind: "event", state: "linked", problem: null, movedTo: null } as const;
    expect(words(linked)).toMatchObject({ name: "In Google Calendar", text: "yes", isTrouble: false });
    expect(words({ ...linked, movedTo: "2026-11-24T21:00:00.000Z" })).toMatchObject({
      text: "moved there to Tue, Nov 24, 3:00 PM CST",
      isTrouble: true,
    });
    expect(words({ ...linked, kind: "meeting", state: "failed", problem: "refused" })).toMatchObject({
      text: "no: it does not allow that",
      isTrouble: true,
    });
    const pending = words({ ...linked, kind: "crm_lead", state: "pending", problem: "unavailable" });
    expect(pending.text).toContain("try again automatically");
  });

  it("says how far the first pull of a service is, in days where nobody says how many there are", () => {
    const sync = { phase: "backfill", done: 120, total: 456, finishedAt: null, nextRunAt: NOW, problem: null } as const;
    expect(syncLine({ ...sync, resource: "appointments" }, NOW).words).toBe("First time through: 120 of 456 days");
    expect(syncLine({ ...sync, resource: "push" }, NOW).words).toBe("First time through: 120 of 456");
  });
});

describe("the consultations of a lead", () => {
  const section = (consultations: ConsultationDto[], mayChange = true) => (
    <ConsultationSection
      lead={{ id: "1", name: "SPECIMEN, DARA" }}
      consultations={consultations}
      mayChange={mayChange}
      {...at}
    />
  );

  it("shows those to come first, the past with what may be said of it, and the way to book one", () => {
    const text = textOf(section([past(), one()]));
    expect(text).toContain("1 to come, 1 past Book a consultation Tue, Nov 24, 2:00 PM CST");
    expect(text).toContain("What came of it: Specimen, Dara Retained Thinking Declined…");
    expect(textOf(section([past()], false))).not.toMatch(/Retained|Book a consultation/);
    expect(textOf(section([]))).toContain("None yet.");
  });
});

describe("words", () => {
  it("says spans, money, attendance and how long it is yet", () => {
    expect(timeRange({ startsAt: "2026-11-24T17:30:00Z", endsAt: "2026-11-24T18:15:00Z" }, ZONE)).toBe(
      "11:30 AM to 12:15 PM",
    );
    expect([
      paidWords(one({ isPaid: false })),
      paidWords(one({ isPaid: null })),
      paidWords(one({ priceCents: 0 })),
    ]).toEqual(["$150 not paid", "$150", null]);
    expect([attendanceWords(one()), attendanceWords(one({ attendance: "absent" }))]).toEqual([null, "Did not come"]);
    expect(
      ["2026-11-24T18:12:00Z", "2026-11-24T20:00:00Z", NOW, "2026-11-24T17:50:00Z"].map((iso) => untilWords(iso, NOW)),
    ).toEqual(["in 12 min", "in 2 h", "now", "10 min ago"]);
  });
});
