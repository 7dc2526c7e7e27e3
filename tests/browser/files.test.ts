import { readFile } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import Papa from "papaparse";
import type { Download, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFirmWithPassword } from "../http/call";
import { startScript, type TestProcess } from "../setup/app";
import { asOwner, type TestFirm } from "../setup/firms";
import { fillWithLeads } from "../setup/many-leads";
import { ownDatabase } from "../setup/own-database";
import { packed } from "../setup/programs";
import { bring, isAlive, leadsOf, notice, openOffice } from "./office";

// Lists as files, out and in, as a person in a browser sees them: the packed server, the job runner, files in a folder.

/* More than are downloaded at once. */
const MANY = 6000;
const office = openOffice();
let jobs: TestProcess | undefined;
const startRunner = (): void => {
  jobs ??= startScript(packed("workers/run-jobs.ts"), office.app().env);
};
afterAll(() => jobs?.stop());

const rowsOf = async (download: Download): Promise<Record<string, string>[]> => {
  const { data, errors } = Papa.parse<Record<string, string>>(await readFile(await download.path(), "utf8"), {
    header: true,
    skipEmptyLines: true,
  });
  expect(errors).toEqual([]);
  return data;
};

/** What axe calls serious or critical, and how far the page reaches beyond the screen. */
async function faultsOf(page: Page): Promise<{ axe: string[]; sideways: number }> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return { axe: serious.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`)), sideways };
}
const NO_FAULTS = { axe: [], sideways: 0 };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, reducedMotion: "reduce" as const };

describe("a list that leaves as a file", () => {
  let firm: TestFirm;
  beforeAll(async () => {
    firm = await makeFirmWithPassword();
    await fillWithLeads(ownDatabase.adminUrl, firm.id, MANY);
  });

  // Seen red with: every list prepared.
  it("downloads at once when it is small", async () => {
    const page = await office.open(firm, "/leads?county=Loving");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: /^Export \d/ }).click(),
    ]);
    expect((await rowsOf(download)).map((row) => row.county)).toEqual(Array(MANY / 1000).fill("Loving"));
    expect(new URL(page.url()).pathname).toBe("/leads");
  });

  // Seen red without: the look every two seconds, the DELETE behind Remove; with: a block of rows that is written twice.
  it("is prepared when it is long, says how far it is, is fetched whole and removed", async () => {
    const page = await office.open(firm, "/leads");
    await page.getByRole("button", { name: /^Export/ }).click();
    await page.waitForURL((url) => url.pathname === "/exports");
    await page.getByText("Waits for its turn").waitFor();

    // A run that ended in the middle of it, and whose row another takes over.
    await asOwner(firm.id, (client) =>
      client.query(
        `UPDATE file_export SET state = 'running', run_id = gen_random_uuid(), started_at = now(),
           beat_at = now() - interval '1 day', rows_expected = $2, rows_done = 2000 WHERE tenant_id = $1`,
        [firm.id, MANY],
      ),
    );
    await page.getByText("2,000 of 6,000 rows").waitFor();
    const bar = page.getByRole("progressbar", { name: "Rows written of Leads, Everything" });
    expect(await bar.evaluate((each: HTMLProgressElement) => each.value / each.max)).toBeCloseTo(1 / 3);

    startRunner();
    const link = page.getByRole("link", { name: "Download Leads, Everything" });
    await link.waitFor({ timeout: 30_000 });
    await page.getByText("Leads, Everything: ready.").waitFor({ state: "attached" });
    await page.getByText(/^Ready: 6,000 rows, \d\.\d MB/).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toMatch(/^.+\.csv$/);
    const rows = await rowsOf(download);
    expect(new Set(rows.map((row) => row.lead_id)).size).toBe(MANY);
    expect(rows.map((row) => Number(row.source_id?.slice("many-".length))).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: MANY }, (_, index) => index + 1),
    );

    const address = (await link.getAttribute("href")) ?? "";
    await page.getByRole("button", { name: "Remove Leads, Everything" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await notice(page).getByText("Export removed").waitFor();
    await page.getByRole("heading", { name: "Nothing is prepared" }).waitFor();
    office.browser.expectErrors(/404/);
    expect(await page.evaluate(async (href) => (await fetch(href)).status, address)).toBe(404);
  });

  // Seen red with: a table that is wider than the phone.
  it("is offered on a phone, where nothing scrolls sideways", async () => {
    startRunner();
    const page = await office.open(firm, "/leads", PHONE);
    await page.getByRole("button", { name: /^Export/ }).click();
    await page.waitForURL((url) => url.pathname === "/exports");
    await page.getByRole("link", { name: "Download Leads, Everything" }).waitFor({ timeout: 30_000 });
    expect(await faultsOf(page)).toEqual(NO_FAULTS);
  });
});

describe("a list that comes as a file", () => {
  /* Headings that mean nothing to us, 30 rows, and two that cannot be read: as a spreadsheet numbers them, 12 and 23. */
  const FILE = [
    "Person,Born on,Jurisdiction,Picked up,Allegation,Amount asked",
    ...Array.from({ length: 30 }, (_, index) => {
      const row = index + 2;
      const born = row === 12 ? "some day" : "3/14/1990";
      const where = row === 23 ? "Atlantis" : "Hays County";
      return `"FICTUS, ${String.fromCharCode(65 + (index % 26))}${index}",${born},${where},11/20/2026 9:37 PM,DWI,"$5,000.00"`;
    }),
    "",
  ].join("\r\n");
  const COLUMNS = {
    "Full name": "Person",
    "Date of birth": "Born on",
    County: "Jurisdiction",
    "Arrest date": "Picked up",
    Offenses: "Allegation",
    Bail: "Amount asked",
  };
  let firm: TestFirm;
  beforeAll(async () => {
    firm = await makeFirmWithPassword();
  });

  const chooseFile = async (page: Page): Promise<void> => {
    await page
      .getByLabel("Import a file")
      .setInputFiles({ name: "clients.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) });
    await page.waitForURL((url) => /^\/imports\/./.test(url.pathname));
    await page.getByRole("heading", { name: "Match columns" }).waitFor();
  };
  const countOf = async (page: Page, label: string): Promise<string> =>
    (await page
      .locator("dl > div")
      .filter({ has: page.locator("dt", { hasText: new RegExp(`^${label}`) }) })
      .locator("dd")
      .textContent()) ?? "";

  // Seen red with: row numbers that are one off, an undo that withdraws nothing.
  it("is matched, looked through, imported and taken back", async () => {
    startRunner();
    const page = await office.open(firm, "/imports");
    await chooseFile(page);
    const look = page.getByRole("button", { name: "Look through the file" });
    expect(await page.getByText("must be chosen").count()).toBe(0);
    await look.click();
    await page.getByText("Full name must be chosen, or the last name").waitFor();
    expect(
      await page.getByLabel("Full name", { exact: true }).evaluate((each) => each === document.activeElement),
    ).toBe(true);
    await page.getByText("Amount asked, such as $5,000.00").waitFor();
    for (const [field, column] of Object.entries(COLUMNS)) {
      await page.getByLabel(field, { exact: true }).selectOption(column);
    }
    await look.click();
    await page.getByText("Looked through, not imported yet").waitFor({ timeout: 30_000 });
    const counts = [await countOf(page, "Would be new leads"), await countOf(page, "Refused")];
    expect(counts).toEqual(["28", "2"]);
    const refused = page.getByRole("table", { name: "Refused rows of the file" }).getByRole("row");
    await refused.nth(2).waitFor();
    expect((await refused.allInnerTexts()).slice(1).map((text) => text.replaceAll(/\s+/g, " ").trim())).toEqual([
      "12 Date of birth must be a date such as 3/14/1990 or 1990-03-14",
      "23 County must be one of the 254 counties of Texas",
    ]);
    expect(await leadsOf(office.app(), firm)).toEqual([]);

    await page.getByRole("button", { name: "Import 28 leads" }).click();
    await page.getByText("Imported: 28 new, 0 updated").waitFor({ timeout: 30_000 });
    const ownPage = page.url();
    await page.getByRole("link", { name: "Leads first seen that day" }).click();
    await page.getByText("Showing 28 of 28").waitFor();
    const rows = page.locator(".list tr.row");
    expect(await rows.count()).toBe(28);

    await page.goto(ownPage);
    await isAlive(page);
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
    await page.getByText("Taken back: 28 leads dismissed").waitFor({ timeout: 30_000 });
    const back = await leadsOf(office.app(), firm);
    expect(back.filter(({ status, withdrawnAt }) => status !== "dismissed" || withdrawnAt === null)).toEqual([]);
  });

  // Seen red without: the labels of the columns' choices.
  it("is matched on a phone", async () => {
    const page = await office.open(firm, "/imports", PHONE);
    await chooseFile(page);
    expect(await faultsOf(page)).toEqual(NO_FAULTS);
  });
});

describe("files with a lead", () => {
  const PDF = Buffer.from("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");
  const [NAME, OTHER] = ["bond-page-1.pdf", "letter.html"];

  it("are added, checked, saved and removed, and one of a wrong kind keeps no other back", async () => {
    startRunner();
    const firm = await makeFirmWithPassword();
    await bring(firm, [
      {
        sourceId: "F-1",
        name: { full: "FICTUS, ADA" },
        county: "Hays",
        charges: [{ offense: "DRIVING WHILE INTOXICATED", bailType: "surety", bailCents: 100_000 }],
      },
    ]);
    const [lead] = await leadsOf(office.app(), firm);
    const page = await office.open(firm, `/leads/${lead?.id}`, PHONE);
    await page.getByLabel("Add file", { exact: true }).setInputFiles([
      { name: OTHER, mimeType: "text/html", buffer: Buffer.from("<p>") },
      { name: NAME, mimeType: "application/pdf", buffer: PDF },
    ]);
    await page.getByText(`“${OTHER}” cannot be added`).waitFor();
    const link = page.getByRole("link", { name: `Download ${NAME}` });
    await link.waitFor({ timeout: 30_000 });
    expect(await faultsOf(page)).toEqual(NO_FAULTS);

    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe(NAME);
    expect(await readFile(await download.path())).toEqual(PDF);

    await page.getByRole("button", { name: `Remove ${NAME}` }).press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).press("Enter");
    await page.getByText("None yet. Keep a bond paper").waitFor();
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });
});
