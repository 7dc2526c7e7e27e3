import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStage, type Stage } from "./stage";

const TWO = [
  { firm: "smithlaw", counties: ["Travis" as const] },
  { firm: "riverbend", counties: ["Travis" as const, "Hays" as const] },
];
const details = (stage: Stage) => stage.asked().filter((path) => path.includes("/BailPublic/BailPublic/")).length;
const lastRun = (stage: Stage, firm: string) => stage.api.side(firm).runs.at(-1);

describe("one fetch for many firms", () => {
  it("reads every page once and posts it to both, each under its own key and run", async () => {
    const stage = await openStage("shuffled-rows", TWO);
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", fetched: 12 });
    expect(details(stage)).toBe(12);
    expect(stage.api.side("smithlaw").held.size).toBe(12);
    expect(stage.api.side("riverbend").held).toEqual(stage.api.side("smithlaw").held);
    const [mine] = stage.api.side("smithlaw").batches;
    const [theirs] = stage.api.side("riverbend").batches;
    expect(mine?.key).not.toBe(theirs?.key);
    expect(lastRun(stage, "smithlaw")?.finished.at(-1)).toMatchObject({ status: "succeeded", found: 12, new: 12 });
  });

  it("leaves out the firms that do not take the county", async () => {
    const stage = await openStage("one-offense", [...TWO, { firm: "cleanslate", counties: ["Hays"] }]);
    await stage.scrape();
    expect(stage.api.side("cleanslate")).toMatchObject({ knownAsked: 0, batches: [], runs: [] });
  });

  it("delays only the firm whose API fails, and delivers to it later without asking the court again", async () => {
    const stage = await openStage("shuffled-rows", TWO);
    stage.api.fail({ firm: "riverbend", path: "/api/leads/ingest", status: 503, times: 4 });
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", waiting: ["riverbend"] });
    expect(stage.api.side("smithlaw").held.size).toBe(12);
    expect(lastRun(stage, "smithlaw")?.finished).toHaveLength(1);
    expect(lastRun(stage, "riverbend")?.finished).toHaveLength(0);
    expect(await stage.scrape()).toMatchObject({ waiting: [], fetched: 0 });
    expect(stage.api.side("riverbend").held.size).toBe(12);
    expect(details(stage)).toBe(12);
    expect(stage.api.side("riverbend").runs.every((run) => run.finished.length === 1)).toBe(true);
  }, 60_000);

  it("says which key is refused, goes on without that firm, and catches up when it is back", async () => {
    const stage = await openStage("shuffled-rows", TWO);
    stage.api.fail({ firm: "riverbend", path: "/api/ingest/known", status: 401, times: 1 });
    await stage.scrape();
    expect(stage.said.join("\n")).toContain("riverbend is left out of this run: the API answered 401");
    expect(stage.api.side("riverbend").held.size).toBe(0);
    await stage.scrape();
    expect(stage.api.side("riverbend").held.size).toBe(12);
  });

  it("has one effect when only the reply is lost", async () => {
    const stage = await openStage("shuffled-rows");
    stage.api.fail({
      firm: "smithlaw",
      path: "/api/leads/ingest",
      status: 503,
      times: 1,
      headers: { "retry-after": "0" },
      afterWork: true,
    });
    await stage.scrape();
    const { batches } = stage.api.side("smithlaw");
    expect(batches.map((batch) => batch.replayed)).toEqual([false, true]);
    expect(stage.leads()).toHaveLength(12);
    expect(lastRun(stage, "smithlaw")?.finished.at(-1)).toMatchObject({ found: 12, new: 12 });
  });

  it("asks for what is known page by page", async () => {
    const stage = await openStage("shuffled-rows");
    stage.api.knownPageSize = 5;
    await stage.scrape();
    expect(await stage.scrape()).toMatchObject({ fetched: 0 });
    expect(stage.api.side("smithlaw").knownAsked).toBe(1 + 3);
  });

  it("does not fetch an erased form in every run", async () => {
    const stage = await openStage("one-offense");
    stage.api.side("smithlaw").suppressed.add("9000001");
    await stage.scrape();
    expect(lastRun(stage, "smithlaw")?.finished.at(-1)).toMatchObject({ found: 1, suppressed: 1 });
    expect(await stage.scrape()).toMatchObject({ fetched: 0 });
    expect(details(stage)).toBe(1);
  });

  it("is not blocked by a batch that the API will never take", async () => {
    const stage = await openStage("one-offense");
    stage.api.fail({ firm: "smithlaw", path: "/api/leads/ingest", status: 422, times: 1 });
    expect(await stage.scrape()).toMatchObject({ waiting: [] });
    expect(lastRun(stage, "smithlaw")?.finished.at(-1)).toMatchObject({ found: 1, rejected: 1 });
    expect(stage.said.join("\n")).toContain("smithlaw refused a whole batch");
  });

  it("drops what waits for a firm that no longer takes the county", async () => {
    const stage = await openStage("one-offense", TWO);
    stage.api.fail({ firm: "riverbend", path: "/api/leads/ingest", status: 403, times: 1 });
    await stage.scrape();
    const { firmsFile } = stage.settings;
    const firms = JSON.parse(readFileSync(firmsFile, "utf8")) as { firm: string }[];
    writeFileSync(firmsFile, JSON.stringify(firms.filter((each) => each.firm === "smithlaw")));
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", waiting: [] });
    expect(stage.said.join("\n")).toContain("riverbend no longer takes Travis");
  });

  it("drops what a firm has not taken in 30 days, and says so: it names people in the clear", async () => {
    const stage = await openStage("one-offense", TWO);
    stage.api.fail({ firm: "riverbend", path: "/api/leads/ingest", status: 403, times: 1 });
    await stage.scrape();
    const runs = join(stage.settings.stateDir, "runs", "topics.travis");
    const [left = ""] = readdirSync(runs);
    renameSync(join(runs, left), join(runs, left.replace(/^\d{4}/, "2020")));
    // Seen red without: forgetOld in scrapeCounty.
    expect(await stage.scrape()).toMatchObject({ status: "succeeded", waiting: [] });
    expect(stage.said.join("\n")).toContain("was not taken by every firm in 30 days");
    expect(readdirSync(runs)).toEqual([]);
  });
});
