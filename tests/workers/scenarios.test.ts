import { describe, expect, it, vi } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { openStage, type Stage } from "./stage";

/** The account of a firm's latest closed run, checked to add up. */
function account(stage: Stage, firm = "smithlaw") {
  const finished = stage.api.side(firm).runs.at(-1)?.finished.at(-1);
  if (!finished) throw new Error("the run was not closed");
  const { found, new: fresh, changed, same, rejected, suppressed } = finished;
  expect(fresh + changed + same + rejected + suppressed).toBe(found);
  return finished;
}

/** Posts of a firm's withdrawals. */
const withdrawals = (stage: Stage, firm = "smithlaw") =>
  stage.api.side(firm).batches.flatMap((batch) => batch.leads.filter((lead) => "withdrawnAt" in lead));

vi.setConfig({ testTimeout: 60_000 });

describe("the listed days, bail", () => {
  it("reads one offense", async () => {
    const stage = await openStage("one-offense");
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", found: 1, fetched: 1 });
    expect(stage.leads()).toEqual([
      {
        sourceId: "9000001",
        sourceUrl: `${stage.settings.baseUrl}/BailPublic/BailPublic/9000001`,
        name: { full: "FICTUS, ROWAN ELLIS" },
        county: "Travis",
        arrestedAt: "2026-03-11T02:37:00.000Z",
        magistratedAt: "2026-03-11T11:05:00.000Z",
        magistrate: "Hon. Prudence Gavelmock",
        charges: [
          {
            offense: "DRIVING WHILE INTOXICATED 2ND",
            bailType: "surety",
            bailCents: 400_000,
            causeNumber: "C-1-CR-26-201234",
          },
        ],
        labels: ["Arresting Agency: Sample City Police Department", "Bail Conditions? Yes"],
      },
    ]);
    expect(account(stage)).toMatchObject({ status: "succeeded", found: 1, new: 1 });
  });

  it("reads five offenses with three cause numbers", async () => {
    const stage = await openStage("five-offenses-three-causes");
    await stage.scrape();
    const charges = stage.leads()[0]?.charges ?? [];
    expect(charges).toHaveLength(5);
    expect(new Set(charges.map((charge) => charge.causeNumber)).size).toBe(3);
    expect(charges.at(-1)).toMatchObject({ bailType: "personal", bailCents: 0 });
  });

  it("sees a cause number that is filled in later, before the form is due again", async () => {
    const stage = await openStage("cause-number-later");
    await stage.scrape();
    expect(stage.leads()[0]?.charges[0]).not.toHaveProperty("causeNumber");
    stage.sandbox.topics.site.advance("Travis");
    await stage.scrape();
    expect(stage.leads().at(-1)?.charges[0]?.causeNumber).toBe("C-1-CR-26-201402");
    expect(account(stage)).toMatchObject({ found: 1, changed: 1 });
  });

  it("sees bail lowered when the form is due, and asks for nothing before", async () => {
    const stage = await openStage("bail-lowered");
    await stage.scrape();
    stage.sandbox.topics.site.advance("Travis");
    expect(await stage.scrape()).toMatchObject({ found: 1, fetched: 0 });
    expect(account(stage)).toMatchObject({ found: 1, same: 1 });
    stage.api.nextObserveInMs = -1;
    await stage.scrape();
    expect(stage.leads().map((lead) => lead.charges[0]?.bailCents)).toEqual([2_000_000, 1_000_000]);
  });

  it("sees a personal bond replace surety", async () => {
    const stage = await openStage("personal-bond-replaces-surety");
    stage.api.nextObserveInMs = -1;
    await stage.scrape();
    stage.sandbox.topics.site.advance("Travis");
    await stage.scrape();
    expect(stage.leads().map((lead) => [lead.charges[0]?.bailType, lead.charges[0]?.bailCents])).toEqual([
      ["surety", 300_000],
      ["personal", 0],
    ]);
  });

  it("keeps bail denied apart from bail set", async () => {
    const stage = await openStage("bail-denied");
    await stage.scrape();
    const [denied, set] = stage.leads()[0]?.charges ?? [];
    expect(denied).toEqual({
      offense: "ASSAULT FAM/HOUSE MEM IMPEDE BREATH/CIRCULAT",
      bailType: "denied",
      causeNumber: "D-1-DC-26-300601",
    });
    expect(set).toMatchObject({ bailType: "surety", bailCents: 750_000 });
  });

  it("tells the four bail states apart", async () => {
    const stage = await openStage("four-bail-states");
    await stage.scrape();
    const states = stage.leads().map(({ charges: [charge] }) => [charge?.bailType, charge?.bailCents]);
    expect(states).toEqual([
      ["personal", 0],
      [undefined, undefined],
      ["denied", undefined],
      ["not_set", undefined],
    ]);
  });

  it("says withdrawn only after two complete lists without the form, and takes it back when it returns", async () => {
    const stage = await openStage("form-withdrawn");
    await stage.scrape();
    stage.sandbox.topics.site.advance("Travis");
    await stage.scrape();
    expect(withdrawals(stage)).toEqual([]);
    stage.sandbox.topics.site.advance("Travis");
    expect(await stage.scrape()).toMatchObject({ found: 1, withdrawn: 1, status: "succeeded" });
    expect(withdrawals(stage)).toEqual([{ sourceId: "9000902", withdrawnAt: expect.any(String) }]);
    expect(account(stage)).toMatchObject({ found: 1, same: 1, withdrawn: 1 });
    stage.sandbox.topics.site.advance("Travis");
    await stage.scrape();
    expect(stage.leads().at(-1)?.sourceId).toBe("9000902");
    await stage.scrape();
    expect(withdrawals(stage)).toHaveLength(1);
  });
});

describe("the listed days, people and texts", () => {
  it("keeps names as printed, entities decoded and spaces evened out", async () => {
    const stage = await openStage("awkward-names");
    await stage.scrape();
    const names = stage.leads().map((lead) => ("full" in lead.name ? lead.name.full : ""));
    expect(names).toContain("O'EJEMPLO, PAT & CO");
    expect(names).toContain("NU\ufffdEZ DE PRUEBA, ZO\ufffd");
    expect(names).toContain("SANDBOXTER , RILEY JUNE");
    expect(names).toContain("NOTREAL");
    expect(names).toHaveLength(14);
  });

  it("takes names with a leading comma", async () => {
    const stage = await openStage("leading-comma-name");
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 2 });
    expect(stage.leads().map((lead) => lead.name)).toEqual([{ full: ", JOHN" }, { full: ", QUINN AVERY" }]);
  });

  it.each([
    ["dst-gap", ["2026-03-08T08:30:00.000Z", "2026-03-08T07:30:00.000Z"]],
    ["dst-fold", ["2026-11-01T06:30:00.000Z", "2026-11-01T07:30:00.000Z"]],
    ["odd-times", ["2026-03-10T05:00:00.000Z", "2026-03-10T17:00:00.000Z", undefined, "2026-03-10T13:05:00.000Z"]],
  ])("%s: every printed time is one instant", async (scenario, instants) => {
    const stage = await openStage(scenario);
    await stage.scrape();
    expect(stage.leads().map((lead) => lead.arrestedAt)).toEqual(instants);
  });

  it.each(["two-forms-one-night", "two-people-one-name"])("%s: two forms are two leads", async (scenario) => {
    const stage = await openStage(scenario);
    await stage.scrape();
    expect(new Set(stage.leads().map((lead) => lead.sourceId)).size).toBe(2);
  });

  it("carries script and formulas as the text they are", async () => {
    const script = await openStage("offense-with-script");
    await script.scrape();
    expect(script.leads().map((lead) => lead.charges[0]?.offense)).toEqual([
      "<script>alert('sandbox')</script>",
      '<img src=x onerror=alert(1)> "QUOTED" & <b>BOLD</b>',
    ]);
    const formula = await openStage("offense-with-formula");
    await formula.scrape();
    expect(formula.leads()[0]?.charges[0]?.offense).toBe('=HYPERLINK("http://example.invalid","DWI")');
  });

  it("keeps unknown fields as labels", async () => {
    const stage = await openStage("unknown-fields");
    await stage.scrape();
    expect(stage.leads()[0]?.labels).toContain("Interpreter Needed: Yes");
  });
});

describe("the listed days, pages that do not prove themselves", () => {
  it.each(["label-renamed", "titles-renamed", "forms-gone"])(
    "%s: no lead is made, every row is rejected, and the operator hears of it",
    async (scenario) => {
      const stage = await openStage(scenario);
      expect(await stage.scrape()).toMatchObject({ status: "partial", found: 3, rejected: 3 });
      expect(stage.leads()).toEqual([]);
      expect(account(stage)).toMatchObject({ found: 3, rejected: 3 });
      expect(stage.said.join("\n")).toContain("did not prove itself");
    },
  );

  it("does not ask for a changed page again before an hour has passed", async () => {
    const stage = await openStage("label-renamed");
    await stage.scrape();
    const before = stage.asked().length;
    await stage.scrape();
    expect(stage.asked().length).toBe(before + 1);
  });

  it("leaves a known form alone for an hour when its page changed, and reads it when the page is well again", async () => {
    const stage = await openStage("label-renamed");
    stage.api.nextObserveInMs = -1;
    stage.sandbox.topics.site.advance("Travis");
    await stage.scrape();
    stage.sandbox.topics.site.choose("Travis", "label-renamed");
    expect(await stage.scrape()).toMatchObject({ rejected: 3 });
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 0, rejected: 0 });
    stage.sandbox.topics.site.advance("Travis");
    expect(await stage.scrape({ clock: fixedClock(new Date(Date.now() + 3_700_000)) })).toMatchObject({ fetched: 3 });
  });

  it("reads swapped offense columns by their titles", async () => {
    const stage = await openStage("columns-swapped");
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 3 });
    expect(stage.leads()[0]?.charges[0]).toMatchObject({
      offense: "DRIVING WHILE INTOXICATED 2ND",
      bailCents: 400_000,
    });
  });

  it.each(["list-columns-swapped", "data-missing", "html-error-page", "signed-out"])(
    "%s: the run fails, and is well when the page is",
    async (scenario) => {
      const stage = await openStage(scenario);
      expect(await stage.scrape()).toMatchObject({ status: "failed", found: 0 });
      expect(stage.leads()).toEqual([]);
      expect(account(stage)).toMatchObject({ status: "failed", error: expect.stringContaining("page changed") });
      stage.sandbox.topics.site.advance("Travis", 2);
      expect(await stage.scrape()).toMatchObject({ status: "succeeded", found: 3 });
    },
  );

  it("takes an empty list of an unknown county for what it says", async () => {
    const stage = await openStage("no-forms");
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", found: 0 });
  });

  it("takes an empty list where forms are known for a fault and withdraws nothing, however often", async () => {
    const stage = await openStage("one-offense");
    await stage.scrape();
    stage.sandbox.topics.site.choose("Travis", "empty-data");
    for (let run = 0; run < 3; run += 1) expect(await stage.scrape()).toMatchObject({ status: "failed", withdrawn: 0 });
    expect(withdrawals(stage)).toEqual([]);
    await stage.scrape({ acceptList: true });
    await stage.scrape({ acceptList: true });
    expect(withdrawals(stage)).toHaveLength(1);
  });

  it("posts the rows of a list that lost more than half of what is known, and withdraws nothing", async () => {
    const stage = await openStage("four-bail-states");
    await stage.scrape();
    stage.sandbox.topics.site.choose("Travis", "one-offense");
    for (let run = 0; run < 2; run += 1) expect(await stage.scrape()).toMatchObject({ status: "partial", found: 1 });
    expect(stage.leads()).toHaveLength(5);
    expect(withdrawals(stage)).toEqual([]);
  });
});

describe("the listed days, a site in trouble", () => {
  it.each(["throttled", "throttled-until", "throttled-details"])(
    "%s: nothing is asked before Retry-After, then all is read",
    async (scenario) => {
      const stage = await openStage(scenario);
      expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 3 });
      const log = stage.sandbox.log.last("topics", 100);
      for (const [index, refused] of log.entries()) {
        const next = log[index + 1];
        if (refused.status !== 429 || !next) continue;
        const { retryAfter = "" } = refused;
        // A timer may be a millisecond early; a date is kept to the millisecond.
        const isDate = Number.isNaN(Number(retryAfter));
        const allowed = isDate ? Date.parse(retryAfter) : Date.parse(refused.at) + Number(retryAfter) * 1000 - 10;
        expect(Date.parse(next.at)).toBeGreaterThanOrEqual(allowed);
      }
      expect(log.filter((request) => request.status === 429).length).toBeGreaterThan(0);
    },
    20_000,
  );

  it("gives up on 503 after a few tries and says so", async () => {
    const stage = await openStage("unavailable");
    expect(await stage.scrape()).toMatchObject({ status: "failed", error: "the site answered 503" });
    expect(stage.asked()).toHaveLength(4);
  });

  it("cuts a hanging list off and asks again", async () => {
    const stage = await openStage("hang");
    expect(await stage.scrape({}, { timeoutMs: 300 })).toMatchObject({ status: "succeeded", fetched: 3 });
  });

  it.each(["truncated-list", "truncated-detail"])("%s: asks again and reads everything", async (scenario) => {
    const stage = await openStage(scenario);
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 3 });
    expect(stage.leads()).toHaveLength(3);
  });

  it.each(["forbidden", "captcha"])(
    "%s: stops at the first answer, stays stopped, and goes on when a person says so",
    async (scenario) => {
      const stage = await openStage(scenario);
      expect(await stage.scrape()).toMatchObject({ status: "failed", error: expect.stringContaining("on hold") });
      expect(stage.asked()).toHaveLength(1);
      stage.sandbox.topics.site.advance("Travis");
      expect(await stage.scrape()).toMatchObject({ status: "failed" });
      expect(stage.asked()).toHaveLength(1);
      const { Holds } = await import("@/workers/state/host-state");
      expect(new Holds(stage.settings.stateDir).lift(stage.settings.baseUrl.host)).toBe(true);
      expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 3 });
    },
  );

  it("refuses a body without end", async () => {
    const stage = await openStage("one-offense");
    stage.sandbox.topics.faults.add({ kind: "huge", count: 1, path: "/BailPublic/BailPublic/" });
    expect(await stage.scrape()).toMatchObject({ status: "partial", fetched: 0, rejected: 1 });
    expect(await stage.scrape()).toMatchObject({ fetched: 1 });
  });
});

describe("the listed days, odd lists", () => {
  it("reads nothing twice when the rows come in another order", async () => {
    const stage = await openStage("shuffled-rows");
    await stage.scrape();
    expect(await stage.scrape()).toMatchObject({ found: 12, fetched: 0 });
    expect(stage.leads()).toHaveLength(12);
  });

  it("takes several rows of one id for one form", async () => {
    const stage = await openStage("repeated-rows");
    expect(await stage.scrape()).toMatchObject({ found: 2, fetched: 2 });
    expect(stage.leads()[0]?.charges).toHaveLength(3);
  });

  it("reads ten thousand rows and fetches what is new of them, and after that only what is new since", async () => {
    const stage = await openStage("ten-thousand-rows");
    // Most are known: to fetch ten thousand is ten times the same.
    for (let at = 0; at < 9_000; at += 1)
      stage.api.side("smithlaw").held.set(String(9_100_000 + at), { source: "topics.travis", lead: "" });
    expect(await stage.scrape({ chunkLeads: 250 })).toMatchObject({
      status: "succeeded",
      found: 10_000,
      fetched: 1_000,
    });
    expect(stage.api.side("smithlaw").batches.every((batch) => batch.leads.length <= 250)).toBe(true);
    expect(stage.api.side("smithlaw").held.size).toBe(10_000);
    stage.sandbox.topics.site.advance("Travis");
    expect(await stage.scrape()).toMatchObject({ found: 10_000, fetched: 1, withdrawn: 0 });
    expect(await stage.scrape()).toMatchObject({ fetched: 0, withdrawn: 1 });
  }, 120_000);
});
