import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { bookConsultation } from "@/lib/domain/bookings/book-consultation";
import { finishIngestRun, startIngestRun } from "@/lib/domain/leads/ingest-runs";
import { awkwardBatches } from "@/prisma/seed/awkward-leads";
import type { TestFirm } from "../setup/firms";
import { type Place, promiseLooks } from "./looks";
import { bring, isAlive, leadsOf, makeVisitedFirm, openOffice } from "./office";

const OPERATOR_TOKEN = "operator-token-of-this-test-only";
const office = openOffice({ env: { OPERATOR_TOKEN } });
let firm: TestFirm;
let leadId: string;
let consultationId: string;

beforeAll(async () => {
  firm = await makeVisitedFirm();
  for (const { leads, observedAt } of awkwardBatches(new Date())) {
    await bring(firm, leads, (Date.now() - Date.parse(observedAt ?? "")) / 3_600_000);
  }
  for (const [source, status] of [
    ["topics.travis", "succeeded"],
    ["topics.hays", "failed"],
  ] as const) {
    const run = await startIngestRun(firm.asKey(), { source, county: source === "topics.travis" ? "Travis" : "Hays" });
    const counts = { found: 3, new: 1, changed: 1, same: 1, rejected: 0, suppressed: 0, withdrawn: 0 };
    const error = status === "failed" ? { error: "The list did not end." } : {};
    await finishIngestRun(firm.asKey(), run.id, { status, ...counts, ...error });
  }
  leadId = (await leadsOf(office.app(), firm)).find(({ chargeCount }) => chargeCount === 5)?.id ?? "";
  const startsAt = new Date(Date.now() + 3_600_000).toISOString();
  consultationId = (await bookConsultation(firm.asUser(), { leadId, startsAt, minutes: 45, kind: "First meeting" })).id;
  await bookConsultation(firm.asUser(), {
    leadId,
    startsAt,
    minutes: 30,
    kind: "Consultation",
    location: "100 Main St",
  });
});

const dialog = (page: Page) => page.getByRole("dialog").waitFor();
const PLACES: Place[] = [
  { name: "sign-in", path: "/login", hasNoShell: true },
  { name: "the list", path: "/leads" },
  {
    name: "the list with a selection",
    path: "/leads",
    arrange: async (page) => {
      // a phone has no boxes: it selects nothing
      const box = page.locator(".list .row .ck").first();
      if (await box.isVisible()) await box.check();
    },
  },
  {
    name: "the list with its filter panel",
    path: "/leads?status=new&band=cool",
    arrange: async (page) => {
      await page.getByRole("link", { name: /Add filter|Filters/ }).click();
      await dialog(page);
    },
  },
  {
    name: "the menu of the reader",
    path: "/sources",
    arrange: async (page) => {
      await page.getByRole("button", { name: /Dana Counsel|You/ }).click();
      await page.getByRole("menu").waitFor();
    },
  },
  { name: "a lead", path: () => `/leads/${leadId}` },
  { name: "the agenda", path: "/consultations" },
  { name: "the week", path: "/consultations?view=week" },
  { name: "the month", path: "/consultations?view=month" },
  { name: "a consultation", path: () => `/consultations/${consultationId}` },
  {
    name: "a lead with its status menu",
    path: () => `/leads/${leadId}`,
    arrange: async (page) => {
      await page.getByRole("button", { name: "Move to…" }).click();
      await page.getByRole("menu").waitFor();
    },
  },
  {
    name: "a lead with the contact dialog and a refused field",
    path: () => `/leads/${leadId}`,
    arrange: async (page) => {
      await page.getByRole("button", { name: "Add contact" }).click();
      await dialog(page);
      await page.getByLabel("Number or address").fill("12");
      await page.getByLabel("Who gave it").fill("Ana, sister");
      await page.getByLabel("Why the firm may hold it").selectOption("family_contacted_firm");
      await page.getByRole("dialog").getByRole("button", { name: "Add contact" }).click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "a lead with the reason dialog",
    path: () => `/leads/${leadId}`,
    arrange: async (page) => {
      await page.getByRole("button", { name: "Move to…" }).click();
      await page.getByRole("menuitem", { name: "Dismissed" }).click();
      await dialog(page);
    },
  },
  { name: "the sources", path: "/sources" },
  { name: "a lead that is not there", path: "/leads/01890a5d-0000-7000-8000-000000000000" },
  { name: "our front page", path: "/", isOurs: true },
  { name: "the page of a problem", path: "/problems/conflict", isOurs: true },
  { name: "the operator's door after a wrong token", path: "/operator?error=token", isOurs: true },
  {
    name: "the operator's page",
    path: "/operator",
    isOurs: true,
    arrange: async (page) => {
      await page.getByLabel("Operator token").fill(OPERATOR_TOKEN);
      await page.getByRole("button", { name: "Open" }).click();
      await page.getByRole("heading", { name: "Sources", exact: true }).waitFor();
    },
  },
];

promiseLooks({ office, firm: () => firm, places: PLACES, expectErrors: /404|422/ });

it("shows score, name, bail and status of each lead on a phone", async () => {
  const page = await office.open(firm, "/leads", { viewport: { width: 390, height: 844 } });
  const row = page.locator("tr.row").first();
  for (const cell of [".sc b", ".nm a", ".bac .v", ".st"]) expect(await row.locator(cell).isVisible(), cell).toBe(true);
});

describe("hands and keyboards", () => {
  it("see where the focus is, on everything that Tab reaches", async () => {
    for (const path of ["/leads?status=new", `/leads/${leadId}`]) {
      const page = await office.open(firm, path);
      const unseen: string[] = [];
      for (let step = 0; step < 30; step++) {
        await page.keyboard.press("Tab");
        const blind = await page.evaluate(() => {
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          const rings = [at, at.parentElement, at.closest("tr")].filter((element) => element !== null);
          const isRinged = rings.some((element) => getComputedStyle(element).boxShadow !== "none");
          return isRinged ? null : at.outerHTML.slice(0, 120);
        });
        if (blind) unseen.push(blind);
      }
      expect(unseen, path).toEqual([]);
    }
  });

  it("lead past the rail by one key, and back out of every menu and dialog", async () => {
    const page = await office.open(firm, `/leads/${leadId}`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.reload();
    await isAlive(page);
    const opener = page.getByRole("button", { name: "Add contact" });
    await opener.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await expect.poll(() => opener.evaluate((button) => button === document.activeElement)).toBe(true);

    const menu = page.getByRole("button", { name: "Move to…" });
    await menu.focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "hidden" });
    await expect.poll(() => menu.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it("are told by a tip what an icon means, at once with the keyboard", async () => {
    const page = await office.open(firm, "/leads", { viewport: { width: 1000, height: 800 } });
    for (let step = 0; step < 4; step++) await page.keyboard.press("Tab");
    await page
      .getByRole("tooltip", { name: "Consultations" })
      .or(page.getByRole("tooltip").getByText("Consultations"))
      .first()
      .waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("tooltip").waitFor({ state: "hidden" });
  });
});
