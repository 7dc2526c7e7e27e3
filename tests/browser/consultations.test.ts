import type { BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CONNECTORS, type ConnectorName } from "@/lib/core/connectors";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { closeDatabase } from "@/lib/platform/db";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { makeFirmWithPassword } from "../http/call";
import { startApp, startScript, type TestApp, type TestProcess } from "../setup/app";
import { watchedBrowser } from "../setup/browser";
import type { TestFirm } from "../setup/firms";
import { request, until } from "../setup/http";
import { ownDatabase } from "../setup/own-database";
import { packed } from "../setup/programs";
import { bring, fillSignIn, isAlive, leadsOf } from "./office";

// From the booking page to the CRM: a person at the firm connects four services, a person outside books, and everything else follows by itself. Web server,
// job runner and sandbox are processes of their own kind, as `npm start` runs them; nobody presses a button for the machines.

/** The stand-ins' clock can be set back a little, so that somebody stays in a meeting for minutes. */
let lagMs = 0;
const clock = { now: () => new Date(Date.now() - lagMs) };
let sandbox: Sandbox;
let app: TestApp;
let jobs: TestProcess;
let firm: TestFirm;
let leadId: string;
/** The firm's person, signed in once. */
let signedIn: BrowserContextOptions["storageState"];
let page: Page;
const browser = watchedBrowser();
const HALF_HOUR_MS = 1_800_000;
const EMAIL = "rowan.fictus@example.com";
const at = (path: string) => `${app.firmUrl(firm.slug)}${path}`;

beforeAll(async () => {
  firm = await makeFirmWithPassword();
  sandbox = await startSandbox({ clock, env: "test" });
  app = await startApp({ database: ownDatabase, sandboxUrl: sandbox.url });
  jobs = startScript(packed("workers/run-jobs.ts"), app.env);
  sandbox.zoom.world.webhooks.subscribe({
    url: `${app.baseUrl}/api/webhooks/zoom`,
    secret: app.env.ZOOM_WEBHOOK_SECRET ?? "",
    accountId: null,
  });
  await bring(firm, [
    {
      sourceId: "A-1",
      name: { full: "FICTUS, ROWAN" },
      county: "Travis",
      charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
    },
  ]);
  leadId = (await leadsOf(app, firm))[0]?.id ?? "";
  await addContact(firm.asUser(), leadId, {
    kind: "email",
    value: EMAIL,
    givenBy: "Rowan called",
    basis: "person_contacted_firm",
    check: false,
  });
  const first = await (await browser.newContext()).newPage();
  await first.goto(at("/login"));
  await fillSignIn(first, firm);
  await first.waitForURL((url) => url.pathname === "/leads");
  signedIn = await first.context().storageState();
});
beforeEach(async () => {
  page = await (await browser.newContext({ storageState: signedIn })).newPage();
  page.setDefaultTimeout(20_000);
});
afterAll(async () => {
  await jobs?.stop();
  await app?.stop();
  await sandbox?.close();
  await closeDatabase();
});

/** Reads the page again until it says so: what is awaited happens in other processes. */
async function sees(path: string, words: RegExp | string): Promise<void> {
  await until(`${path} says ${words}`, async () => {
    await page.goto(at(path));
    return (await page.locator("#main, main").first().getByText(words).count()) > 0;
  });
}

describe("a firm connects its services and a person books", () => {
  it("connects all four, each by saying yes on the service's own page", async () => {
    for (const service of ["acuity", "google", "zoom", "zoho"] satisfies ConnectorName[]) {
      const { label } = CONNECTORS[service];
      await page.goto(at("/settings/connections"));
      await isAlive(page);
      await page.getByRole("button", { name: `Connect ${label}`, exact: true }).click();
      await page.getByRole("button", { name: "Allow" }).click();
      await page.waitForURL(
        (url) => url.origin === app.firmUrl(firm.slug) && url.searchParams.get("connected") === service,
      );
      const part = page.locator(`#${service}`);
      await part.getByText("Connected", { exact: true }).first().waitFor();
      await page.getByRole("status").getByText(`${label} is connected.`).waitFor();
      expect(await part.getByRole("button", { name: "Disconnect" }).count()).toBe(1);
    }
    // The first pulls end by themselves, and Acuity tells us of changes from then on.
    await until("Acuity has our webhook", async () => sandbox.acuity.world.webhooks.subscriptions.length === 1);
    await sees("/settings/connections", /^Up to date/);
  }, 120_000);

  it("moves the lead when its person books, and calendar, meeting and CRM follow", async () => {
    const visitor = await (await browser.newContext()).newPage();
    await visitor.goto(`${sandbox.acuity.url}/schedule/${accountOf(await acuityAccounts())}`);
    await visitor.getByLabel("First name").fill("Rowan");
    await visitor.getByLabel("Last name").fill("Fictus");
    await visitor.getByLabel("E-mail").fill(EMAIL);
    await visitor.getByRole("button", { name: "Book" }).click();
    await visitor.waitForURL(/appointment/);

    await until("the lead is at consultation", async () => (await leadsOf(app, firm))[0]?.status === "consultation");
    await sees("/consultations", /Fictus/i);
    await until("the meeting stands on the agenda", async () => {
      await page.goto(at("/consultations"));
      return (await page.getByRole("link", { name: /^Join/ }).count()) > 0;
    });
    await until("the event stands in the calendar", async () => {
      await visitor.goto(`${sandbox.google.url}/calendar`);
      return (await visitor.getByText(/Consultation: Fictus, Rowan/i).count()) > 0;
    });
    expect(await visitor.getByText(/zoom/i).count()).toBeGreaterThan(0);
    await until("the lead stands in the CRM", async () => {
      const reply = await request(`${sandbox.url}/control/zoho/leads`);
      return JSON.stringify(reply.json()).includes(EMAIL);
    });
    await sees(`/leads/${leadId}`, /1 to come/);
  }, 120_000);

  it("counts who came from the meeting itself", async () => {
    // The booking page offers tomorrow at the earliest, and who comes half a day before a meeting did not come to it: it is moved to soon.
    const soon = new Date(Math.ceil(Date.now() / HALF_HOUR_MS + 1) * HALF_HOUR_MS);
    const [appointment] = await acuityAppointments();
    const body = JSON.stringify({ id: appointment?.id, at: soon.toISOString() });
    const headers = { "content-type": "application/json" };
    expect((await request(`${sandbox.url}/control/acuity/move`, { method: "POST", headers, body })).status).toBe(200);
    const [meeting] = [...sandbox.zoom.world.meetings.values()];
    const meetingId = String(meeting?.id);
    await until("the meeting is moved too", async () => Date.parse(meeting?.start_time ?? "") === soon.getTime());
    lagMs = 200_000;
    await sandbox.zoom.world.start(meetingId);
    const host = await sandbox.zoom.world.join(meetingId, { name: "Avery Attorney", isHost: true });
    const guest = await sandbox.zoom.world.join(meetingId, { name: "Rowan Fictus" });
    lagMs = 0;
    await sandbox.zoom.world.leave(meetingId, guest);
    await sandbox.zoom.world.leave(meetingId, host);
    await sandbox.zoom.world.end(meetingId);
    await page.goto(at("/consultations"));
    const consultation = await page
      .getByRole("link", { name: /open the consultation$/ })
      .first()
      .getAttribute("href");
    await sees(consultation ?? "", /(Came|Attended), 3 min/);
  }, 120_000);

  it("takes everything back when the appointment is canceled", async () => {
    const [appointment] = await acuityAppointments();
    const visitor = await (await browser.newContext()).newPage();
    await visitor.goto(`${sandbox.acuity.url}${appointment?.page}`);
    await visitor.getByRole("button", { name: /Cancel/ }).click();
    await until("the lead is back at responded", async () => (await leadsOf(app, firm))[0]?.status === "responded");
    await until("the event is gone", async () => {
      await visitor.goto(`${sandbox.google.url}/calendar`);
      return (await visitor.getByText(/Consultation: Fictus/i).count()) === 0;
    });
    await until("the meeting is gone", async () => sandbox.zoom.world.meetings.size === 0);
  }, 120_000);

  it("shows each exchange with another service in the audit trail", async () => {
    await page.goto(at("/settings/audit?group=sync"));
    for (const words of [/read from Acuity/, /read from Google Calendar|in Google Calendar/, /in Zoom/, /in Zoho/]) {
      await page.getByText(words).first().waitFor();
    }
  });

  it("erases what opened a service when it is disconnected", async () => {
    await page.goto(at("/settings/connections"));
    await isAlive(page);
    await page.locator("#zoho").getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await page.locator("#zoho").getByText("Not connected").waitFor();
    await page.getByRole("button", { name: "Connect Zoho CRM" }).waitFor();
  });
});

type Shown = { id: string; page: string };
const control = async <T>(path: string): Promise<T> =>
  (await request(`${sandbox.url}/control/acuity/${path}`)).json<T>();
const acuityAccounts = () => control<{ id: string }[]>("accounts");
const acuityAppointments = () => control<Shown[]>("appointments");
const accountOf = (accounts: { id: string }[]): string => accounts[0]?.id ?? "";
