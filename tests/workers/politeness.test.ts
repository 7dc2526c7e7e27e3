import { describe, expect, it } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import { scrapeCounties } from "@/workers/scrape-counties";
import { reviewedUntil } from "@/workers/sources/reviews";
import { Holds, HostState } from "@/workers/state/host-state";
import { openStage } from "./stage";

describe("politeness", () => {
  it("keeps the agreed distance between any two requests, with one connection", async () => {
    const stage = await openStage("shuffled-rows");
    await stage.scrape({}, { minIntervalMs: 150 });
    const times = stage.sandbox.log.last(null, 100).map((request) => Date.parse(request.at));
    expect(times.length).toBeGreaterThanOrEqual(14);
    for (const [index, at] of times.entries()) {
      const before = times[index - 1];
      // The site notes when a request arrived, which on a busy machine is a little after it was sent.
      if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(50);
    }
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual((times.length - 1) * 150 - 50);
    expect(stage.sandbox.log.totals("topics").peakInFlight).toBe(1);
  });

  it("asks robots.txt before anything else, and obeys it", async () => {
    const stage = await openStage("one-offense");
    stage.sandbox.topics.robots.text = "User-agent: *\nDisallow: /topics/BailPublic/BailPublic/\n";
    expect(await stage.scrape()).toMatchObject({ status: "failed", fetched: 0 });
    expect(stage.sandbox.log.last(null, 10)[0]?.path).toBe("/robots.txt");
    expect(stage.asked()).toEqual(["/BailPublic/GetAllBailForms"]);
    expect(stage.leads()).toEqual([]);
  });

  it("asks for nothing when robots.txt cannot be read", async () => {
    const stage = await openStage("one-offense");
    stage.sandbox.topics.robots.status = 503;
    expect(await stage.scrape()).toMatchObject({ status: "failed" });
    expect(stage.asked()).toEqual([]);
  });

  it("stays within the day's budget and goes on the next day", async () => {
    const stage = await openStage("shuffled-rows");
    const clock = fixedClock(new Date());
    const small = { dailyBudget: 6 };
    // robots.txt, the list, four forms.
    expect(await stage.scrape({ clock }, small)).toMatchObject({ status: "partial", fetched: 4, rejected: 8 });
    expect(stage.leads()).toHaveLength(4);
    expect(await stage.scrape({ clock }, small)).toMatchObject({ status: "failed", fetched: 0 });
    expect(stage.sandbox.log.last(null, 100)).toHaveLength(6);
    clock.advance(86_400_000);
    await stage.scrape({ clock }, { dailyBudget: 100 });
    expect(stage.api.side("smithlaw").held.size).toBe(12);
  });

  it("stops at once when somebody pulls the kill switch", async () => {
    const stage = await openStage("shuffled-rows");
    const holds = new Holds(stage.settings.stateDir);
    const { site } = stage.sandbox.topics;
    const served = site.markServed.bind(site);
    let pages = 0;
    site.markServed = (form) => {
      served(form);
      pages += 1;
      if (pages === 3) holds.put("topics.travis", "a test", new Date());
    };
    expect(await stage.scrape()).toMatchObject({
      status: "failed",
      fetched: 3,
      error: expect.stringContaining("on hold: a test"),
    });
    expect(pages).toBe(3);
    expect(stage.leads()).toHaveLength(3);
    holds.lift("topics.travis");
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 9 });
  });

  it("does not touch a source that is switched off, or a host that nobody has signed for", async () => {
    const stage = await openStage("one-offense");
    expect(await stage.scrape({}, { disabledSources: new Set(["topics.travis"]) })).toMatchObject({
      error: "switched off",
    });
    expect(stage.sandbox.log.last(null, 10)).toEqual([]);
    expect(reviewedUntil("topics.txcourts.gov")).toBeNull();
    const real = { baseUrl: new URL("https://topics.txcourts.gov") };
    expect(await stage.scrape({}, real)).toMatchObject({
      status: "failed",
      error: expect.stringContaining("no valid review"),
    });
  });

  it("counts a review that has run out as none", async () => {
    const signed = {
      host: "example.test",
      reviewer: "A. Person",
      reviewedOn: "2026-01-01",
      reviewedUntil: "2026-06-30",
    };
    expect(reviewedUntil("example.test", [signed])).toEqual(new Date("2026-06-30T23:59:59Z"));
    expect(reviewedUntil("example.test", [{ ...signed, reviewer: null }])).toBeNull();
    const stage = await openStage("one-offense");
    expect(await stage.scrape({ clock: fixedClock("2100-01-01") })).toMatchObject({ status: "failed" });
    expect(stage.asked()).toEqual([]);
  });

  it("leaves a host alone that another scraper is at", async () => {
    const stage = await openStage("one-offense");
    const host = new HostState(stage.settings.stateDir, stage.settings.baseUrl.host, {
      clock: fixedClock(new Date()),
      dailyBudget: 1,
    });
    // A living process that is not this one: the parent.
    const { writeFileSync } = await import("node:fs");
    host.lock();
    writeFileSync(
      `${stage.settings.stateDir}/hosts/${stage.settings.baseUrl.host.replace(":", "_")}/lock`,
      String(process.ppid),
    );
    expect(await scrapeCounties(stage.settings, ["Travis"])).toBeNull();
    expect(stage.asked()).toEqual([]);
  });

  it("ends the run when the site asks for a long pause, and does not come back before", async () => {
    const stage = await openStage("one-offense");
    stage.sandbox.topics.faults.add({ kind: "throttle", retryAfterSeconds: 3600, count: 1, path: "GetAllBailForms" });
    expect(await stage.scrape()).toMatchObject({ status: "failed" });
    expect(await stage.scrape()).toMatchObject({ status: "failed", error: expect.stringContaining("long pause") });
    expect(stage.asked()).toHaveLength(1);
    const clock = fixedClock(new Date(Date.now() + 3_601_000));
    expect(await stage.scrape({ clock })).toMatchObject({ status: "succeeded" });
  });
});
