import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import Papa from "papaparse";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LeadDetail, LeadPage } from "@/lib/contracts/leads";
import { systemClock } from "@/lib/core/clock";
import { parseZonedWallTime } from "@/lib/core/local-time";
import { closeDatabase } from "@/lib/platform/db";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { makeFirmWithPassword } from "../http/call";
import { startApp, startScript, type TestApp, type TestProcess } from "../setup/app";
import { watchedBrowser } from "../setup/browser";
import type { TestFirm } from "../setup/firms";
import { request, until } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { fillSignIn } from "./office";

// From the court page to the CSV: the scraper, the API with a key, Postgres, the job runner, the vendors and a person in a browser, each a
// process of its own, as `npm start` runs them.

let sandbox: Sandbox;
let app: TestApp;
let jobs: TestProcess;
let firm: TestFirm;
let other: TestFirm;
const browser = watchedBrowser();

beforeAll(async () => {
  [firm, other] = await Promise.all([makeFirmWithPassword(), makeFirmWithPassword()]);
  sandbox = await startSandbox({ clock: systemClock, env: "test" });
  app = await startApp({ database: ownDatabase, sandboxUrl: sandbox.url });
  jobs = startScript("workers/run-jobs.ts", app.env);
  await scrape();
});
afterAll(async () => {
  await jobs?.stop();
  await app?.stop();
  await sandbox?.close();
  await closeDatabase();
});

async function scrape(): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "arrestra-main-job-"));
  const firmsFile = path.join(folder, "firms.json");
  await writeFile(firmsFile, JSON.stringify([{ firm: firm.slug, apiKey: firm.key.text, counties: ["Travis"] }]));
  const scraper = startScript(
    "workers/scrape.ts",
    {
      ARRESTRA_ENV: "test",
      ARRESTRA_API_URL: app.baseUrl,
      TOPICS_BASE_URL: sandbox.topics.url,
      SCRAPER_FIRMS_FILE: firmsFile,
      SCRAPER_STATE_DIR: path.join(folder, "state"),
      SCRAPER_MIN_INTERVAL_MS: "0",
    },
    ["--county", "Travis"],
  );
  await until("the run is accounted for", async () => {
    if (/"status":"failed"/.test(scraper.logs())) throw new Error(scraper.logs());
    const known = await asKey<{ known: unknown[] }>("/api/ingest/known?source=topics.travis&county=Travis");
    return known.known.length > 0 && known.known.length === (await servedForms()).length;
  });
  await scraper.stop();
}

const asKey = async <T>(route: string): Promise<T> =>
  (await request(`${app.baseUrl}${route}`, { headers: { "x-api-key": firm.key.text } })).json<T>();

type Form = {
  id: string;
  name: string;
  county: string;
  arrest: { at: string; zone: string } | null;
  offenses: { offense: string; bailType: string; bailCents: number | null; causeNumber: string }[];
};
const servedForms = async (): Promise<Form[]> => {
  const reply = await request(`${sandbox.url}/control/topics/served?county=Travis`);
  return reply.json<{ forms: Form[] }>().forms;
};

async function allLeads(): Promise<LeadPage["leads"]> {
  const { leads, nextCursor } = await asKey<LeadPage>("/api/leads?limit=200");
  expect(nextCursor).toBeNull();
  return leads;
}

/** An instant as the CSV prints it: wall time of Travis County and its zone. */
const atWall = (at: Date, zone: string | undefined): string =>
  `${at.toLocaleString("sv-SE", { timeZone: "America/Chicago" })} ${zone}`;

async function signIn(page: Page, of: TestFirm): Promise<void> {
  await page.goto(`${app.firmUrl(of.slug)}/leads`);
  await fillSignIn(page, of);
  await page.waitForURL((url) => url.pathname === "/leads");
}

describe("from the court page to the CSV", () => {
  it("brings every form that the court showed, with its offenses, bail and cause numbers", async () => {
    const forms = await servedForms();
    expect(forms.length).toBeGreaterThan(50);
    const leads = new Map((await allLeads()).map((lead) => [lead.sourceId, lead]));
    expect([...leads.keys()].toSorted()).toEqual(forms.map((form) => form.id).toSorted());
    for (const form of forms) {
      const id = leads.get(form.id)?.id;
      const { charges } = await asKey<LeadDetail>(`/api/leads/${id}`);
      expect(
        charges.map(({ offense, bailCents, causeNumber }) => ({ offense, bailCents, causeNumber })),
        form.id,
      ).toEqual(
        form.offenses.map(({ offense, bailCents, causeNumber }) => ({
          offense,
          bailCents,
          causeNumber: causeNumber || null,
        })),
      );
    }
  });

  it("lets a person filter, open, add a phone, have it checked, move the lead and take it away as CSV", async () => {
    const page = await browser.newPage({ acceptDownloads: true });
    await signIn(page, firm);
    const rows = page.locator("tbody tr").filter({ has: page.locator("a[href^='/leads/']") });
    await rows.first().waitFor();

    const [target] = (await allLeads()).filter((lead) => lead.status === "new");
    const lead = target as LeadPage["leads"][number];
    await page.getByRole("searchbox").or(page.getByPlaceholder("Name, cause no., offense")).first().fill(lead.name);
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.has("q"));
    await page.locator(`a[href^='/leads/${lead.id}']`).first().click();
    await page.waitForURL((url) => url.pathname === `/leads/${lead.id}`);

    await page.getByRole("button", { name: "Add contact" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Number or address").fill("(512) 555-0113");
    await dialog.getByLabel("Who gave it").fill("Ana, sister");
    await dialog.getByLabel("Why the firm may hold it").selectOption("family_contacted_firm");
    await dialog.getByRole("button", { name: "Add contact" }).click();
    await page.getByText("(512) 555-0113").first().waitFor();
    await until("the look-up is stored", async () => {
      const { contacts } = await asKey<LeadDetail>(`/api/leads/${lead.id}`);
      return contacts[0]?.enrichment?.state === "found";
    });
    await page.reload();
    await page
      .getByText(/Mobile, T-Mock\. Valid\./)
      .first()
      .waitFor();

    await page.getByRole("button", { name: /^Qualify/ }).click();
    await until(
      "the status is stored",
      async () => (await asKey<LeadDetail>(`/api/leads/${lead.id}`)).lead.status === "qualified",
    );

    await page.goto(`${app.firmUrl(firm.slug)}/leads?q=${encodeURIComponent(lead.name)}`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: /^Export \d/ }).click(),
    ]);
    const csv = await readFile((await download.path()) as string, "utf8");
    const found = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true }).data;
    expect(found.find((row) => row.lead_id === lead.id)).toMatchObject({
      source_id: lead.sourceId,
      name: lead.name,
      status: "qualified",
      phone: "+15125550113",
      phone_line_type: "mobile",
      phone_carrier: "T-Mock",
    });
  });

  it("carries every lead into the CSV as the court served it", async () => {
    const reply = await request(`${app.baseUrl}/api/leads/export`, {
      headers: { authorization: `Bearer ${firm.key.text}` },
    });
    expect(reply.headers["content-type"]).toMatch(/^text\/csv/);
    const { data, errors } = Papa.parse<Record<string, string>>(reply.text, { header: true, skipEmptyLines: true });
    expect(errors).toEqual([]);
    const rows = new Map(data.map((row) => [row.source_id, row]));
    const forms = await servedForms();
    expect(rows.size).toBe(forms.length);
    for (const form of forms) {
      const row = rows.get(form.id);
      const shown = form.offenses.flatMap((line) =>
        line.bailType.toLowerCase() === "denied" ? [] : (line.bailCents ?? []),
      );
      const total = shown.length > 0 ? (shown.reduce((sum, cents) => sum + cents, 0) / 100).toFixed(2) : "";
      expect({ offenses: row?.offenses, county: row?.county, bail_total: row?.bail_total }, form.id).toEqual({
        offenses: form.offenses.map((line) => line.offense).join(" | "),
        county: "Travis",
        bail_total: total,
      });
      const printed = form.arrest && parseZonedWallTime(form.arrest.at, form.arrest.zone);
      expect(printed ? atWall(printed, form.arrest?.zone) : "", form.id).toBe(row?.arrested_at);
    }
  });

  it("shows the other firm none of it", async () => {
    const page = await browser.newPage();
    await signIn(page, other);
    await page
      .getByText(/no leads|first leads|nothing/i)
      .first()
      .waitFor();
    expect(await page.locator("a[href^='/leads/']").count()).toBe(0);
    const [lead] = await allLeads();
    browser.expectErrors(/404/);
    const reply = await page.goto(`${app.firmUrl(other.slug)}/leads/${lead?.id}`);
    expect(reply?.status()).toBe(404);
    expect(await page.content()).not.toContain(lead?.name);
    const csv = await request(`${app.baseUrl}/api/leads/export`, {
      headers: { authorization: `Bearer ${other.key.text}` },
    });
    expect(csv.text.trim().split("\r\n")).toHaveLength(1);
  });
});
