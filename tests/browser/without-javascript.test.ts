import { beforeAll, describe, expect, it } from "vitest";
import { awkwardBatches } from "@/prisma/seed/awkward-leads";
import type { TestFirm } from "../setup/firms";
import { bring, fillSignIn, leadsOf, makeVisitedFirm, openOffice } from "./office";

const office = openOffice();
const NO_SCRIPT = { javaScriptEnabled: false };
let firm: TestFirm;

beforeAll(async () => {
  firm = await makeVisitedFirm();
  for (const { leads, observedAt } of awkwardBatches(new Date())) {
    await bring(firm, leads, (Date.now() - Date.parse(observedAt ?? "")) / 3_600_000);
  }
});

describe("without JavaScript", () => {
  it("a person signs in, is told when it was refused, and comes to what was asked for", async () => {
    const page = await office.browser.newPage(NO_SCRIPT);
    await page.goto(office.at(firm, "/leads?band=hot"));
    await fillSignIn(page, firm, "not the password");
    await page.getByText("E-mail, password or code was not right.").waitFor();
    await fillSignIn(page, firm);
    await page.waitForURL(office.at(firm, "/leads?band=hot"));
    await page.getByRole("heading", { name: "Leads" }).waitFor();
  });

  it("the list, its filter form, its search and its order work", async () => {
    const page = await (await office.signedIn(firm, NO_SCRIPT)).newPage();
    await page.goto(office.at(firm, "/leads"));
    const rows = page.locator("tr.row");
    const { length: all } = await leadsOf(office.app(), firm);
    expect(await rows.count()).toBe(all);
    await page.getByRole("link", { name: "Add filter" }).click();
    const form = page.getByRole("form", { name: "Filters" });
    await form.getByRole("checkbox", { name: "Cool" }).check();
    await form.getByRole("button", { name: "Show leads" }).click();
    await page.getByRole("link", { name: "Remove filter Band Cool" }).waitFor();
    const cool = (await leadsOf(office.app(), firm)).filter(({ band }) => band === "cool");
    expect(await rows.count()).toBe(cool.length);
    await page.getByRole("searchbox").fill("igual");
    await page.getByRole("searchbox").press("Enter");
    await page.waitForURL((url) => url.searchParams.get("q") === "igual" && url.searchParams.get("band") === "cool");
    expect(await rows.locator(".nm a").allTextContents()).toEqual(["Formulario, Igual"]);
    await page.getByRole("columnheader", { name: "Arrest" }).getByRole("link").click();
    await page.waitForURL((url) => url.searchParams.get("sort") === "arrested");
    expect(await rows.count()).toBe(1);
  });

  it("a lead's page reads whole", async () => {
    const page = await (await office.signedIn(firm, NO_SCRIPT)).newPage();
    await page.goto(office.at(firm, "/leads?q=manycounts"));
    await page.locator("tr.row .nm a").click();
    await page.getByRole("heading", { level: 1, name: /^Manycounts/ }).waitFor();
    for (const part of ["What you may do now", "Charges", "Bail movement", "Contacts", "Timeline"]) {
      expect(await page.getByRole("heading", { name: part, exact: true }).isVisible(), part).toBe(true);
    }
    expect(await page.getByText("bail lowered").first().isVisible()).toBe(true);
    await page.getByRole("link", { name: "Leads", exact: true }).first().click();
    await page.getByRole("heading", { name: "Leads" }).waitFor();
  });

  it("an unknown firm, a known firm's unknown place and our own unknown place say so in words", async () => {
    office.browser.expectErrors(/404/);
    for (const [address, status] of [
      [office.app().firmUrl("nobody-here"), 404],
      [`${office.app().firmUrl("nobody-here")}/leads`, 404],
      [office.at(firm, "/nowhere"), 404],
      [`${office.app().baseUrl}/nowhere`, 404],
    ] as const) {
      const page = await office.browser.newPage(NO_SCRIPT);
      const reply = await page.goto(address);
      expect(reply?.status(), address).toBe(status);
      expect(await page.getByRole("heading", { name: "There is nothing at this address" }).isVisible(), address).toBe(
        true,
      );
      expect(await page.content()).not.toContain(firm.slug);
    }
  });
});
