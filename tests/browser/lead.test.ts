import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import type { LeadDetail } from "@/lib/contracts/leads";
import { awkwardBatches } from "@/prisma/seed/awkward-leads";
import { makeFirmWithPassword } from "../http/call";
import type { TestFirm } from "../setup/firms";
import { until } from "../setup/http";
import { bring, detailOf, hoursAgo, isAlive, leadsOf, makeVisitedFirm, notice, openOffice } from "./office";

const office = openOffice({ vendors: true });
let firm: TestFirm;
let other: TestFirm;
let byForm: Map<string, string>;

const plain = (sourceId: string, name: string) => ({
  sourceId,
  name: { full: name },
  county: "Travis",
  arrestedAt: hoursAgo(9),
  charges: [{ offense: "CRIMINAL TRESPASS", level: "MB", bailType: "Surety", bailCents: 80_000 }],
});
const PLAIN = [
  "CONTACTA, CARLA",
  "FAULTIER, FRANK",
  "MOVEMAN, MONA",
  "STALEMAN, STELLA",
  "DISMISSED, DEAN",
  "STRANGER, STU",
];

beforeAll(async () => {
  [firm, other] = await Promise.all([makeVisitedFirm(), makeFirmWithPassword()]);
  for (const { leads, observedAt } of awkwardBatches(new Date())) {
    await bring(firm, leads, (Date.now() - Date.parse(observedAt ?? "")) / 3_600_000);
  }
  await bring(
    firm,
    PLAIN.map((name) => plain(name.split(",")[0]?.toLowerCase() ?? "", name)),
  );
  byForm = new Map((await leadsOf(office.app(), firm)).map((lead) => [lead.sourceId, lead.id]));
});

const idOf = (form: string): string => byForm.get(form) ?? "";
const openLead = (form: string): Promise<Page> => office.open(firm, `/leads/${idOf(form)}`);
const detail = (form: string): Promise<LeadDetail> => detailOf(office.app(), firm, idOf(form));
const region = (page: Page, name: string | RegExp) => page.getByRole("region", { name });

describe("a form that was seen several times", () => {
  it("shows how its bail moved: a real table with struck, added and changed values", async () => {
    const page = await openLead("awkward-five");
    const tape = region(page, "Bail movement tape");
    expect(await tape.getByRole("columnheader").allTextContents()).toEqual([
      "Charge",
      expect.stringMatching(/first seen$/),
      expect.stringMatching(/2nd, current$/),
    ]);
    const cells = async (offense: string) =>
      tape
        .getByRole("row")
        .filter({ has: page.getByRole("rowheader", { name: offense }) })
        .getByRole("cell")
        .allTextContents();
    expect(await cells("Evading arrest det w/veh")).toEqual(["Denied", "$7,500surety, changed since your last visit"]);
    expect(await cells("Poss CS PG 1 <1G")).toEqual([
      "$10,000surety",
      "$10,000personal, changed since your last visit",
    ]);
    expect(await cells("Unl carrying weapon")).toEqual(["Not set", "$3,000surety, changed since your last visit"]);
    expect(await cells("Tamper w/ evid")).toEqual([
      "not on the form yet",
      "$5,000surety, added, changed since your last visit",
    ]);
    expect(await cells("Fail to ID fugitive intent give false info")).toEqual([
      "Blank on form",
      "no longer on the form",
    ]);
    expect(await cells("Total of amounts")).toEqual(["$25,000 + 1 not set, 1 denied, 1 blank", "$30,500 "]);

    const list = region(page, "Bail movement").getByRole("listitem");
    const words = await list.allTextContents();
    expect(words.join("\n")).toContain("Driving while intoxicated: bail lowered · $15,000→ became $5,000");
    expect(words.join("\n")).toContain("Evading arrest det w/veh: bail set · Denied→ became $7,500 surety");
    expect(words).toHaveLength(6);
  });

  it("strikes the old total on the list and says that it was", async () => {
    const page = await office.open(firm, "/leads");
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "John", exact: true }) });
    expect(await row.locator("s").textContent()).toBe("was $4,000");
    expect(await row.locator(".bail").textContent()).toBe("was $4,000lowered to $0");
  });

  it("has the facts of the form with their zone, its charges and a total that says it is a sum", async () => {
    const page = await openLead("awkward-five");
    const charges = region(page, "Charges").getByRole("row");
    expect(await charges.count()).toBe(7);
    expect(await charges.nth(1).textContent()).toBe("F3Evading arrest det w/veh26-0101-K26Surety$7,500");
    expect(await charges.last().textContent()).toBe("Total a sum of five bonds, not one bond$30,500");
    expect(await page.locator(".facts").textContent()).toMatch(/Arrested.+ C[SD]T/);
  });

  it("explains its score: the points of the ledger add up to it", async () => {
    for (const form of ["awkward-five", "awkward-script", "awkward-none"]) {
      const page = await openLead(form);
      const { lead } = await detail(form);
      await page.getByRole("heading", { name: `Why the score is ${lead.score}` }).waitFor();
      const points = (await page.locator(".ledger b").allTextContents()).map((text) => Number(text.replace("−", "-")));
      const sum = points.reduce((total, each) => total + each, 0);
      expect(Math.min(100, Math.max(0, sum)), form).toBe(lead.score);
    }
  });

  it("shows markup and formulas of the court as text", async () => {
    const page = await openLead("awkward-script");
    await region(page, "Charges").getByText("<script>alert('x')</script> THEFT PROP >=$2,500<$30K").waitFor();
    const formula = await openLead("awkward-formula");
    await formula.getByText('=HYPERLINK("http://example.invalid")').waitFor();
    expect(await formula.locator("a[href*='example.invalid']").count()).toBe(0);
  });
});

describe("the contacts of a lead", () => {
  const dialogOf = (page: Page, name: string) => page.getByRole("dialog", { name });

  it("are added with who gave them and why, corrected and removed; a fault is said at its field", async () => {
    const page = await openLead("contacta");
    office.browser.expectErrors(/422/);
    await region(page, "Contacts").getByText("None on file.").waitFor();
    await page.getByRole("button", { name: "Add contact" }).click();
    const add = dialogOf(page, "Add a contact");
    const value = add.getByLabel("Number or address");
    await value.fill("555-0113");
    await add.getByLabel("Who gave it").fill("Ana, sister");
    await add.getByLabel("Why the firm may hold it").selectOption("family_contacted_firm");
    await add.getByRole("button", { name: "Add contact" }).click();
    await expect.poll(() => value.getAttribute("aria-invalid")).toBe("true");
    const named = await value.getAttribute("aria-describedby");
    expect(await add.locator(`[id="${named}"]`).textContent()).toMatch(/number/i);
    expect(await add.getByLabel("Who gave it").inputValue()).toBe("Ana, sister");

    await value.fill("(512) 555-0113");
    await add.getByRole("button", { name: "Add contact" }).click();
    await add.waitFor({ state: "hidden" });
    const row = region(page, "Contacts").getByRole("row").filter({ hasText: "(512) 555-0113" });
    await row.getByText("Given by Ana, sister").waitFor();
    await row.getByText(/Mobile, T-Mock\. Valid\. Checked (just now|1 min ago)/).waitFor({ timeout: 20_000 });
    await row.getByText(/^Family contacted the firm, /).waitFor();

    await row.getByRole("button", { name: "Correct (512) 555-0113" }).click();
    const correct = dialogOf(page, "Correct this contact");
    await correct.getByLabel("Phone number").fill("512 555 0101");
    await correct.getByRole("button", { name: "Save" }).click();
    await correct.waitFor({ state: "hidden" });
    const corrected = region(page, "Contacts").getByRole("row").filter({ hasText: "(512) 555-0101" });
    await corrected.getByText(/Landline, Placeholder Bell\. Valid\./).waitFor({ timeout: 20_000 });
    expect(await row.count()).toBe(0);

    await page.getByRole("button", { name: "Check again" }).click();
    await notice(page).getByText("1 result is still fresh.").waitFor();
    await corrected.getByRole("button", { name: "Remove (512) 555-0101" }).click();
    const remove = dialogOf(page, "Remove (512) 555-0101?");
    await remove.getByRole("button", { name: "Remove" }).click();
    await remove.waitFor({ state: "hidden" });
    await region(page, "Contacts").getByText("None on file.").waitFor();
    expect((await detail("contacta")).contacts).toEqual([]);
    const told = await region(page, "Timeline").getByRole("listitem").allTextContents();
    for (const said of [
      "removed a phone number",
      "corrected a phone number",
      "added a phone number",
      "Check of a contact asked for, by Twilio",
    ]) {
      expect(told.join("\n")).toContain(said);
    }
    expect(told.join("\n")).not.toContain("0113");
  });

  it("say in words why a check failed and when it is tried again", async () => {
    const page = await openLead("faultier");
    await page.getByRole("button", { name: "Add contact" }).click();
    for (const [number, last] of [
      ["(512) 555-0142", false],
      ["(512) 555-0143", true],
    ] as const) {
      const add = dialogOf(page, "Add a contact");
      await add.getByLabel("Number or address").fill(number);
      await add.getByLabel("Who gave it").fill("Ana, sister");
      await add.getByLabel("Why the firm may hold it").selectOption("family_contacted_firm");
      await add.getByRole("button", { name: "Add contact" }).click();
      await add.waitFor({ state: "hidden" });
      if (!last) await page.getByRole("button", { name: "Add contact" }).click();
    }
    await until("both checks have failed once", async () =>
      (await detail("faultier")).contacts.every(({ enrichment }) => (enrichment?.attempts ?? 0) > 0),
    );
    await page.reload();
    for (const number of ["(512) 555-0142", "(512) 555-0143"]) {
      const row = region(page, "Contacts").getByRole("row").filter({ hasText: number });
      await row.getByText(/Lookup failed: .+\. Next try today \d+:\d\d [AP]M/).waitFor();
    }
    expect(await region(page, "Contacts").textContent()).not.toMatch(
      /undefined|null|\[object|Error:|5\d\d (Internal|Service)/,
    );
  });

  it("can be checked, and nothing else: no link calls, texts or writes anywhere", async () => {
    const page = await openLead("faultier");
    for (const path of [`/leads/${idOf("faultier")}`, "/leads", "/sources"]) {
      await page.goto(office.at(firm, path));
      await isAlive(page);
      expect(
        await page.locator("[href^='tel:' i], [href^='sms:' i], [href^='mailto:' i], [href^='callto:' i]").count(),
      ).toBe(0);
      expect(await page.getByRole("button", { name: /^(call|text|sms|e-?mail|message)\b/i }).count()).toBe(0);
    }
    await page.goto(office.at(firm, `/leads/${idOf("faultier")}`));
    await region(page, "What you may do now").getByText("Calls, texts and e-mail are locked").waitFor();
  });
});

describe("the status of a lead", () => {
  const status = (page: Page) => page.locator("main .st").first();
  const openMenu = async (page: Page) => {
    await page.getByRole("button", { name: "Move to…" }).click();
    await page.getByRole("menu").waitFor();
  };

  it("moves where the table allows; every other place is there with its reason and does nothing", async () => {
    const page = await openLead("moveman");
    await openMenu(page);
    const items = page.getByRole("menuitem");
    expect(await items.allTextContents()).toEqual([
      "Reviewed",
      "QualifiedQ",
      "Responded",
      "DismissedP",
      "Mail queuedQualify the lead before a letter is queued.",
      "MailedOnly a lead whose mail is queued can be mailed.",
      "ConsultationThe person has not responded yet.",
      "RetainedThe person has not responded yet.",
      "LostA lead is lost only after a letter went out or the person answered. Dismiss it instead.",
    ]);
    const blocked = items.filter({ hasText: "Mail queued" });
    expect(await blocked.getAttribute("aria-disabled")).toBe("true");
    await blocked.click({ force: true });
    expect((await detail("moveman")).lead.status).toBe("new");
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "hidden" });

    await page.getByRole("button", { name: /^Qualify/ }).click();
    await notice(page).getByText("Moveman, Mona moved to Qualified").waitFor();
    await expect.poll(() => status(page).textContent()).toBe("Qualified");
    expect(await page.getByRole("button", { name: /^Qualify/ }).count()).toBe(0);
    await openMenu(page);
    await items.filter({ hasText: "Mail queued" }).click();
    await expect.poll(() => status(page).textContent()).toBe("Mail queued");
    await region(page, "Timeline").getByText("Dana Counsel moved Qualified → Mail queued").waitFor();
  });

  it("needs a reason to be dismissed, by menu or by key, and keeps it in the timeline", async () => {
    const page = await openLead("dismissed");
    await page.keyboard.press("p");
    const dialog = page.getByRole("dialog", { name: "Dismiss Dismissed, Dean" });
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await dialog.getByRole("alert").getByText("Say why in a few words.").waitFor();
    await dialog.getByLabel("Reason").fill("Conflict: the firm represents a witness");
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await dialog.waitFor({ state: "hidden" });
    await expect.poll(() => status(page).textContent()).toBe("Dismissed");
    await region(page, "Timeline").getByText("Conflict: the firm represents a witness").waitFor();
    await openMenu(page);
    expect(await page.getByRole("menuitem").first().textContent()).toBe("Reviewed");
    expect(await page.getByRole("menuitem").nth(1).textContent()).toContain(
      "A dismissed lead is closed. Move it to Reviewed first.",
    );
  });

  it("that somebody else changed meanwhile is said in words, and nothing typed is lost", async () => {
    const context = await office.signedIn(firm);
    office.browser.expectErrors(/409/);
    const [mine, theirs] = await Promise.all([context.newPage(), context.newPage()]);
    for (const page of [mine, theirs]) {
      await page.goto(office.at(firm, `/leads/${idOf("staleman")}`));
      await isAlive(page);
    }
    await openMenu(theirs);
    await theirs.getByRole("menuitem", { name: "Reviewed" }).click();
    await expect.poll(() => status(theirs).textContent()).toBe("Reviewed");

    await mine.keyboard.press("p");
    const dialog = mine.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("Lives too far away");
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await dialog
      .getByRole("alert")
      .getByText(/^Not saved: .*(changed|meanwhile)/i)
      .waitFor();
    expect(await dialog.getByLabel("Reason").inputValue()).toBe("Lives too far away");
    await expect.poll(() => status(mine).textContent()).toBe("Reviewed");
    expect((await detail("staleman")).lead.status).toBe("reviewed");
    await dialog.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => status(mine).textContent()).toBe("Dismissed");

    await theirs.getByRole("button", { name: /^Qualify/ }).click();
    await notice(theirs)
      .getByText(/^Not saved: .*(changed|meanwhile)/i)
      .waitFor();
    await expect.poll(() => status(theirs).textContent()).toBe("Dismissed");
    expect((await detail("staleman")).lead.status).toBe("dismissed");
  });
});

describe("another firm's lead", () => {
  it("is not there, under its own address or with any verb of the page", async () => {
    const page = await (await office.signedIn(other)).newPage();
    office.browser.expectErrors(/404/);
    const reply = await page.goto(office.at(other, `/leads/${idOf("stranger")}`));
    expect(reply?.status()).toBe(404);
    await page.getByRole("heading", { name: "There is no such lead" }).waitFor();
    expect(await page.content()).not.toMatch(/stranger/i);
    const statuses = await page.evaluate(async (id) => {
      const post = (path: string, body: object) =>
        fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
      const replies = await Promise.all([
        fetch(`/api/leads/${id}`),
        post("/api/leads/status", { leadId: id, to: "reviewed" }),
        post(`/api/leads/${id}/contacts`, {
          kind: "phone",
          value: "+15125550113",
          givenBy: "x",
          basis: "prior_client",
        }),
      ]);
      return replies.map(({ status }) => status);
    }, idOf("stranger"));
    expect(statuses).toEqual([404, 404, 404]);
    expect((await detail("stranger")).lead.status).toBe("new");
  });
});
