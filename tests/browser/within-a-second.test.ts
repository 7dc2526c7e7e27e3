import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { addUserWithPassword, makeFirmWithPassword, sessionOf } from "../http/call";
import { asOwner, type TestFirm, type TestUser } from "../setup/firms";
import { bring, hoursAgo, isAlive, openOffice } from "./office";

// What must be over within a second of the clock on the wall. This file runs by itself: beside another browser it would measure that one too.

const office = openOffice();
let firm: TestFirm;
beforeAll(async () => {
  firm = await makeFirmWithPassword();
  const form = {
    sourceId: "form-0",
    name: { full: "SPECIMEN A, DARA" },
    county: "Travis",
    arrestedAt: hoursAgo(4),
    charges: [{ offense: "CRIMINAL TRESPASS", level: "MB" }],
  };
  await bring(firm, [form]);
});

/** The place in a session of its own, which a test ends. */
async function newSession(path: string, user: TestUser = firm.user): Promise<Page> {
  const context = await office.browser.newContext();
  context.setDefaultTimeout(10_000);
  const [name = "", value = ""] = (await sessionOf(firm, user)).split("=");
  await context.addCookies([{ name, value, url: office.at(firm, "") }]);
  const page = await context.newPage();
  await page.goto(office.at(firm, path));
  await isAlive(page);
  return page;
}
const atDoor = (page: Page) => page.waitForURL((url) => url.pathname === "/login");

describe("a session that another browser ends", () => {
  it("is over within a second", async () => {
    const user = await addUserWithPassword(firm, { role: "staff", email: "sam@elsewhere.example" });
    const lost = await newSession("/leads", user);
    const other = await newSession("/settings/profile", user);
    await other
      .getByRole("button", { name: /^Sign out/ })
      .first()
      .click();
    const dialog = other.getByRole("dialog");
    await dialog.getByRole("button", { name: "Sign out" }).click();
    await dialog.waitFor({ state: "hidden" });
    const since = Date.now();
    await lost.getByRole("link", { name: "Sources" }).first().click();
    await atDoor(lost);
    expect(Date.now() - since).toBeLessThan(1000);
    await other.reload();
    await isAlive(other);
  });
});

describe("a session", () => {
  it("that was revoked goes to the door within a second, by a link as by a write", async () => {
    // The page may ask for reminders between the revoking and the click, and is refused.
    office.browser.expectErrors(/401 \(Unauthorized\) .*\/api\/reminders/);
    const page = await newSession("/leads");
    await asOwner(firm.id, (client) => client.query("UPDATE session SET revoked_at = now() WHERE revoked_at IS NULL"));
    const since = Date.now();
    await page.locator("tr.row .nm a").first().click();
    await atDoor(page);
    expect(Date.now() - since).toBeLessThan(1000);
    expect(new URL(page.url()).searchParams.get("callbackUrl")).toMatch(/^\/leads\//);
  });
});
