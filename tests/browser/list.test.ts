import type { Locator, Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { LeadFilter } from "@/lib/contracts/leads";
import { OPEN_STATUSES } from "@/lib/core/lead-status";
import { awkwardBatches } from "@/prisma/seed/awkward-leads";
import { makeFirmWithPassword } from "../http/call";
import type { TestFirm } from "../setup/firms";
import { bring, hoursAgo, leadsOf, makeVisitedFirm, notice, openOffice } from "./office";

const office = openOffice();
const OPEN_LIST = `/leads?${OPEN_STATUSES.map((status) => `status=${status}`).join("&")}`;

let busy: TestFirm;
let small: TestFirm;
let awkward: TestFirm;
let empty: TestFirm;

const OFFENSES = [
  { offense: "DRIVING WHILE INTOXICATED 3RD OR MORE", level: "F3" },
  { offense: "CRIMINAL TRESPASS", level: "MB" },
];
const form = (number: number, counties: readonly string[]) => ({
  sourceId: `form-${number}`,
  name: { full: `FICTUS ${String.fromCharCode(65 + (number % 26))}${number}, ROWAN` },
  county: counties[number % counties.length],
  arrestedAt: hoursAgo(5 + (number % 40)),
  charges: [{ ...OFFENSES[number % 2], bailType: "Surety", bailCents: (number + 1) * 10_000 }],
});
const forms = (from: number, to: number, counties = ["Travis", "Hays"]) =>
  Array.from({ length: to - from }, (_, at) => form(from + at, counties));

beforeAll(async () => {
  [busy, small, awkward, empty] = await Promise.all([
    makeVisitedFirm(),
    makeVisitedFirm(),
    makeVisitedFirm(),
    makeFirmWithPassword(),
  ]);
  await bring(busy, forms(0, 60), 72);
  await bring(busy, forms(60, 130), 1);
  await bring(small, forms(0, 11, ["Travis", "Hays", "Williamson"]), 48);
  await bring(small, forms(11, 12, ["El Paso"]), 47);
  for (const { leads, observedAt } of awkwardBatches(new Date())) {
    await bring(awkward, leads as object[], (Date.now() - Date.parse(observedAt ?? "")) / 3_600_000);
  }
});

const rows = (page: Page): Locator => page.locator(".list tr.row");
const names = (page: Page): Promise<string[]> => rows(page).locator(".nm a").allTextContents();
const ids = (page: Page): Promise<string[]> =>
  rows(page)
    .locator("input[name=lead]")
    .evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).value));
const chips = (page: Page): Promise<string[]> =>
  page
    .getByRole("link", { name: /^Remove filter/ })
    .evaluateAll((links) => links.map((link) => (link.getAttribute("aria-label") ?? "").replace("Remove filter ", "")));
describe("the filter of the list", () => {
  it("is chips in the address: added in the panel, taken off one by one, and back with the back button", async () => {
    const page = await office.open(small, "/leads");
    await page.getByRole("link", { name: "Add filter" }).click();
    const panel = page.getByRole("dialog", { name: "Filters" });
    await panel.getByRole("checkbox", { name: "Travis" }).check();
    await panel.getByRole("checkbox", { name: "Hays" }).check();
    await panel.getByRole("checkbox", { name: "New", exact: true }).check();
    await panel.getByRole("button", { name: "Show leads" }).click();
    await page.waitForURL((url) => url.search === "?status=new&county=Hays&county=Travis");
    expect(await chips(page)).toEqual(["County Hays, Travis", "Status New"]);
    await panel.waitFor({ state: "hidden" });
    const all = await leadsOf(office.app(), small);
    const wanted = all.filter(({ county }) => county === "Travis" || county === "Hays").map(({ id }) => id);
    expect((await ids(page)).toSorted()).toEqual(wanted.toSorted());

    await page.getByRole("link", { name: "Remove filter County Hays, Travis" }).click();
    await page.waitForURL((url) => url.search === "?status=new");
    await expect.poll(() => chips(page)).toEqual(["Status New"]);
    await expect.poll(() => rows(page).count()).toBe(12);
    await page.goBack();
    await expect.poll(() => chips(page)).toEqual(["County Hays, Travis", "Status New"]);
    await expect.poll(() => rows(page).count()).toBe(wanted.length);
  });

  it("offers every county that the firm has leads in, not only those of the page", async () => {
    const page = await office.open(small, "/leads?county=Travis");
    await page.getByRole("link", { name: "Add filter" }).click();
    await page.getByRole("dialog").waitFor();
    const counties = page.getByRole("dialog").getByRole("group", { name: "County" }).getByRole("checkbox");
    expect(await counties.evaluateAll((boxes) => boxes.map((box) => (box as HTMLInputElement).value))).toEqual([
      "El Paso",
      "Hays",
      "Travis",
      "Williamson",
    ]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  it("finds a name without its accents and keeps the other filters", async () => {
    const page = await office.open(awkward, "/leads?status=new");
    await page.getByRole("searchbox").fill("oscar nandu");
    await page.keyboard.press("Enter");
    await page.waitForURL(
      (url) => url.searchParams.get("q") === "oscar nandu" && url.searchParams.get("status") === "new",
    );
    await expect.poll(() => names(page)).toEqual(["Nulle-Ñandú, Óscar José"]);
  });

  it("names itself where nothing matches and offers each step back", async () => {
    const page = await office.open(small, "/leads?band=hot&status=retained&q=zzz");
    await page.getByRole("heading", { name: "No leads match these filters" }).waitFor();
    await page.getByText("Search “zzz”, band Hot, status Retained.").waitFor();
    await page.getByRole("link", { name: "Clear all filters" }).click();
    await expect.poll(() => rows(page).count()).toBe(12);
  });

  it("that cannot be read is said in words and shows nothing", async () => {
    const page = await office.open(small, "/leads?status=wanted");
    await page.getByRole("heading", { name: "This filter cannot be read" }).waitFor();
    expect(await rows(page).count()).toBe(0);
    await page.getByRole("link", { name: "Show all leads" }).click();
    await expect.poll(() => rows(page).count()).toBe(12);
  });
});

describe("the order of the list", () => {
  it("is turned by its heads, in the address and for screen readers", async () => {
    const page = await office.open(small, "/leads");
    const head = page.getByRole("columnheader", { name: "Bail" });
    const amounts = async () =>
      (await rows(page).locator(".bac .v").allTextContents()).map((text) => Number(text.replace(/\D/g, "")));
    await head.getByRole("link").click();
    await page.waitForURL((url) => url.search === "?sort=bail");
    await expect.poll(() => head.getAttribute("aria-sort")).toBe("descending");
    expect(await amounts()).toEqual((await amounts()).toSorted((a, b) => b - a));
    await head.getByRole("link").click();
    await page.waitForURL((url) => url.search === "?sort=bail&dir=asc");
    await expect.poll(() => head.getAttribute("aria-sort")).toBe("ascending");
    expect(await amounts()).toEqual((await amounts()).toSorted((a, b) => a - b));
  });
});

describe("the views", () => {
  it("are tabs with their counts; the door of the firm leads to all that is open", async () => {
    const page = await office.open(busy, "/");
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(OPEN_LIST);
    const tabs = page.getByRole("navigation", { name: "Views" }).getByRole("link");
    const { length: hot } = (await leadsOf(office.app(), busy)).filter(({ band }) => band === "hot");
    expect(hot).toBeGreaterThan(0);
    expect(await tabs.allTextContents()).toEqual([
      "All open130",
      "New since my last visit70",
      `Hot, untouched${hot}`,
      "Closed0",
      "All130",
    ]);
    expect(await tabs.first().getAttribute("aria-current")).toBe("page");
    await tabs.nth(1).click();
    await expect.poll(() => tabs.nth(1).getAttribute("aria-current")).toBe("page");
    const { pathname, search } = new URL(page.url());
    expect(pathname + search).toBe(`${OPEN_LIST}&newSinceMyLastVisit=true`);
    expect(await page.getByRole("link", { name: "Export 70" }).count()).toBe(1);
  });

  it("part what is new from what was there before, and show every lead exactly once over all pages", async () => {
    const page = await office.open(busy, "/leads");
    const group = (title: RegExp) =>
      page.locator("tbody").filter({ has: page.getByRole("rowheader", { name: title }) });
    expect(await page.getByRole("rowheader").allTextContents()).toEqual([
      expect.stringMatching(/^New since .+ · 70$/),
      "20 more new leads",
      "Earlier · 60",
    ]);
    const fresh = await ids(page);
    expect(fresh).toHaveLength(100);
    expect(
      await group(/^New since/)
        .locator("tr.row.fresh")
        .count(),
    ).toBe(50);
    expect(
      await group(/^Earlier/)
        .locator("tr.row")
        .count(),
    ).toBe(50);
    expect(
      await group(/^Earlier/)
        .locator("tr.row.fresh")
        .count(),
    ).toBe(0);

    await page.getByRole("link", { name: "20 more new leads" }).click();
    await expect.poll(() => rows(page).count()).toBe(20);
    const moreFresh = await ids(page);
    expect(await page.getByRole("link", { name: "Next page" }).count()).toBe(0);

    await page.goBack();
    await expect.poll(() => rows(page).count()).toBe(100);
    await page.getByRole("link", { name: "Next page" }).click();
    await expect.poll(() => rows(page).count()).toBe(10);
    const earlier = await ids(page);
    const seen = [...fresh, ...moreFresh, ...earlier];
    expect(seen).toHaveLength(130);
    expect(new Set(seen).size).toBe(130);
    await page.getByRole("link", { name: "First page" }).click();
    await expect.poll(() => rows(page).count()).toBe(100);
  });

  it("say what will happen while a firm has no lead at all", async () => {
    const page = await office.open(empty, "/");
    await page.getByRole("heading", { name: "No leads yet" }).waitFor();
    await page.getByText("Leads appear here minutes after your counties publish them.").waitFor();
    expect(await page.getByRole("link", { name: /Clear all/ }).count()).toBe(0);
  });
});

describe("a selection", () => {
  it("moves leads and asks for checks together, and says what came of it", async () => {
    const page = await office.open(small, "/leads?county=Williamson");
    const bar = page.getByRole("toolbar", { name: "Actions for selected leads" });
    expect(await bar.isVisible()).toBe(false);
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    const count = await rows(page).count();
    await bar.getByText(`${count} selected`).waitFor();
    await rows(page).first().getByRole("checkbox").uncheck();
    await bar.getByText(`${count - 1} selected`).waitFor();

    await bar.getByRole("button", { name: "Status" }).click();
    await page.getByRole("menuitem", { name: "Reviewed" }).click();
    await notice(page)
      .getByText(`${count - 1} leads moved to Reviewed`)
      .waitFor();
    await expect.poll(() => rows(page).filter({ hasText: "Reviewed" }).count()).toBe(count - 1);

    await bar.getByRole("button", { name: "Check contacts" }).click();
    await notice(page)
      .getByText(`${count - 1} leads have no contact on file.`)
      .waitFor();
    await page.keyboard.press("Escape");
    await bar.waitFor({ state: "hidden" });
  });

  it("asks once for the reason of a dismissal and writes it to each", async () => {
    const page = await office.open(small, "/leads?county=Hays");
    const boxes = rows(page).getByRole("checkbox");
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole("toolbar").getByRole("button", { name: "Status" }).click();
    await page.getByRole("menuitem", { name: "Dismissed" }).click();
    const dialog = page.getByRole("dialog", { name: "Dismiss 2 leads" });
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await dialog.getByRole("alert").getByText("Say why in a few words.").waitFor();
    await dialog.getByLabel("Reason").fill("Represented by another firm");
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await notice(page).getByText("2 leads moved to Dismissed").waitFor();
    await expect.poll(() => rows(page).filter({ hasText: "Dismissed" }).count()).toBe(2);
  });
});

describe("the keys", () => {
  it("move, select, open, search and explain themselves", async () => {
    const page = await office.open(small, "/leads?county=Travis");
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    const listed = await names(page);
    await page.keyboard.press("j");
    expect(await focused()).toBe(listed[0]);
    await page.keyboard.press("j");
    expect(await focused()).toBe(listed[1]);
    await page.keyboard.press("k");
    expect(await focused()).toBe(listed[0]);
    await page.keyboard.press("x");
    await page.getByRole("toolbar").getByText("1 selected").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("toolbar").waitFor({ state: "hidden" });

    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.getByText("next and previous lead").waitFor();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("q");
    await page.keyboard.type("jx");
    expect(await page.getByRole("searchbox").inputValue()).toBe("jx");

    await rows(page).first().locator(".nm a").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: listed[0] }).waitFor();
    await page.getByText(`1 of ${listed.length}`).waitFor();
    await page.keyboard.press("j");
    await page.getByRole("heading", { level: 1, name: listed[1] }).waitFor();
  });
});

describe("awkward leads", () => {
  it("are text like any other: markup, formulas, broken letters and names of eighty letters", async () => {
    const page = await office.open(awkward, "/leads?sort=bail");
    const text = await page.locator(".list").textContent();
    expect(text).toContain("<script>alert('x')</script>");
    expect(text).toContain("=1+1 ");
    expect(text).toContain("Luis \uFFFDngel");
    expect(text).toContain("John");
    expect(text).toContain("No charge on the form");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1440);
    const long = page.getByRole("link", { name: /^Manycounts-Verylongsurnameindeed/ });
    expect(await long.getAttribute("title")).toContain("MAXIMILIANA ALEXANDRINA GUADALUPE III");
    const [cell, score] = await Promise.all([
      long.boundingBox(),
      page.getByRole("columnheader", { name: "Highest offense" }).boundingBox(),
    ]);
    expect((cell?.x ?? 0) + (cell?.width ?? 0)).toBeLessThanOrEqual(score?.x ?? 0);
  });

  it("that the court withdrew are struck and say so; two on one night of the clock's change stay two", async () => {
    const page = await office.open(awkward, "/leads");
    const gone = page.locator("tr.row.gone");
    expect(await gone.locator(".nm a").allTextContents()).toEqual(["Withdrawn, Waldo"]);
    await gone.getByText("withdrawn", { exact: true }).waitFor();
    expect((await names(page)).filter((name) => name === "Twice, One Morning")).toHaveLength(2);
    const times = await page
      .locator("tr.row", { hasText: "Twice, One Morning" })
      .locator(".agc time")
      .evaluateAll((all) => all.map((time) => time.getAttribute("title")));
    expect(times.toSorted()).toEqual([expect.stringContaining("1:30 AM CDT"), expect.stringContaining("1:30 AM CST")]);
  });

  it("are counted as the filter of the API counts them", async () => {
    const page = await office.open(awkward, "/leads");
    const leads = await leadsOf(office.app(), awkward);
    expect(await rows(page).count()).toBe(leads.length);
    expect(LeadFilter.parse({}).status).toEqual([]);
    await page.getByRole("link", { name: `Export ${leads.length}` }).waitFor();
  });
});
