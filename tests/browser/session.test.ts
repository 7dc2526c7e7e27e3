import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFirmWithPassword, PASSWORD, sessionOf } from "../http/call";
import type { TestFirm } from "../setup/firms";
import { bring, fillCode, fillSignIn, hoursAgo, isAlive, isHydrated, leadsOf, openOffice } from "./office";

const office = openOffice();
let firm: TestFirm;
let leadPath: string;

beforeAll(async () => {
  firm = await makeFirmWithPassword();
  const form = (number: number) => ({
    sourceId: `form-${number}`,
    name: { full: `SPECIMEN ${"ABC"[number]}, DARA` },
    county: "Travis",
    arrestedAt: hoursAgo(4),
    charges: [{ offense: "CRIMINAL TRESPASS", level: "MB" }],
  });
  await bring(firm, [form(0), form(1), form(2)]);
  leadPath = `/leads/${(await leadsOf(office.app(), firm))[0]?.id}`;
});

/** A page of a context of its own. */
async function newPage(): Promise<Page> {
  const context = await office.browser.newContext();
  context.setDefaultTimeout(10_000);
  return context.newPage();
}

/** The place as somebody finds it who typed themselves in at its door. */
async function typeIn(path = "/"): Promise<Page> {
  const page = await newPage();
  await page.goto(office.at(firm, path));
  await fillSignIn(page, firm);
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  await isAlive(page);
  return page;
}

/** The place in a session of its own, which a test may end. */
async function newSession(path: string): Promise<Page> {
  const page = await newPage();
  const [name = "", value = ""] = (await sessionOf(firm)).split("=");
  await page.context().addCookies([{ name, value, url: office.at(firm, "") }]);
  await page.goto(office.at(firm, path));
  await isAlive(page);
  return page;
}
const atDoor = (page: Page) => page.waitForURL((url) => url.pathname === "/login");

describe("signing in", () => {
  it("leads to the place that was asked for, and to the open leads when none was", async () => {
    const page = await typeIn(leadPath);
    expect(new URL(page.url()).pathname).toBe(leadPath);
    await page.getByRole("heading", { level: 1, name: /^Specimen/ }).waitFor();
    const landed = await typeIn();
    expect(new URL(landed.url()).searchParams.getAll("status")).toContain("new");
    await landed.getByRole("link", { name: "All open 3" }).waitFor();
  });

  it("asks everybody for a code, keeps the e-mail and says one sentence for every way of being wrong", async () => {
    const page = await office.browser.newPage();
    await page.goto(office.at(firm, "/login"));
    await isHydrated(page, "form");
    await fillSignIn(page, firm, "wrong");
    await atDoor(page);
    const said = page.getByRole("alert").filter({ hasText: /\S/ });
    const words = await said.textContent();
    await expect.poll(() => page.getByLabel("E-mail").inputValue()).toBe(firm.user.email);
    await fillSignIn(page, firm, "wrong", { ...firm.user, email: "nobody@elsewhere.example" });
    await atDoor(page);
    expect(await said.textContent()).toBe(words);
    await page.getByLabel("E-mail").fill(firm.user.email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await fillCode(page, "000000");
    await atDoor(page);
    expect(await said.textContent()).toBe(words);
  });

  it("shows the password only while it is asked to", async () => {
    const page = await office.browser.newPage();
    await page.goto(office.at(firm, "/login"));
    const password = page.getByLabel("Password", { exact: true });
    await password.fill("secret words");
    await expect
      .poll(async () => {
        await page.getByRole("button", { name: "Show password" }).click();
        return password.getAttribute("type");
      })
      .toBe("text");
    await page.getByRole("button", { name: "Show password" }).click();
    expect(await password.getAttribute("type")).toBe("password");
  });
});

describe("a session", () => {
  it("that is signed out in one tab is over in every other, and the door leads back", async () => {
    const page = await newSession(leadPath);
    const tab = await page.context().newPage();
    await tab.goto(office.at(firm, leadPath));
    await isAlive(tab);
    await page.getByRole("button", { name: "Dana Counsel" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await atDoor(page);
    await page.goBack();
    await atDoor(page);
    await page.getByRole("heading", { name: /^Sign in to/ }).waitFor();
    expect(await page.content()).not.toContain("Specimen");

    office.browser.expectErrors(/401/);
    await tab.keyboard.press("q");
    await atDoor(tab);
    expect(new URL(tab.url()).searchParams.get("callbackUrl")).toBe(leadPath);
    await fillSignIn(tab, firm);
    await tab.waitForURL(office.at(firm, leadPath));
  });

  it("belongs to one firm: the other firm's host asks again", async () => {
    const page = await newSession("/leads");
    const other = await makeFirmWithPassword();
    await page.goto(office.at(other, "/leads"));
    await atDoor(page);
    expect(new URL(page.url()).host).toContain(other.slug);
  });
});

describe("what a reader chose", () => {
  it("stays: the theme from the first byte of the next page, single keys off until they are switched on", async () => {
    const page = await newSession("/leads");
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme ?? "system");
    await page.getByRole("button", { name: "Dana Counsel" }).click();
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    expect(await theme()).toBe("dark");
    await page.getByRole("menuitemcheckbox", { name: /Single keys/ }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "hidden" });
    await expect
      .poll(async () => (await page.context().cookies()).filter(({ name }) => ["theme", "keys"].includes(name)).length)
      .toBe(2);

    const reply = await page.reload();
    expect(await reply?.text()).toContain('data-theme="dark"');
    expect(await theme()).toBe("dark");
    await isAlive(page);
    await page.keyboard.press("j");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
    await page.getByRole("button", { name: "Dana Counsel" }).click();
    const keys = page.getByRole("menuitemcheckbox", { name: /Single keys/ });
    expect(await keys.getAttribute("aria-checked")).toBe("false");
    await keys.click();
    await page.getByRole("menuitemradio", { name: "As the system" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "hidden" });
    expect(await theme()).toBe("system");
    // The keys are heard once the page has drawn the choice: the first one may come too early, none of them does anything else.
    const pressed = async () => {
      await page.keyboard.press("j");
      return page.evaluate(() => document.activeElement?.textContent);
    };
    await expect.poll(pressed).toMatch(/^Specimen/);
  });
});

describe("the content policy", () => {
  it("has nothing to object to on any page, in any menu or dialog", async () => {
    const page = await newSession("/leads");
    await page.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(window, { objections: seen });
      document.addEventListener("securitypolicyviolation", (event) =>
        seen.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
      );
    });
    const objections = () => page.evaluate(() => (window as { objections?: string[] }).objections);
    for (const path of ["/leads", leadPath, "/sources"]) {
      await page.goto(office.at(firm, path));
      await isAlive(page);
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.getByRole("button", { name: "Dana Counsel" }).click();
      await page.getByRole("menu").waitFor();
      await page.keyboard.press("Escape");
      if (path === leadPath) {
        await page.getByRole("button", { name: "Add contact" }).click();
        await page.getByRole("dialog").waitFor();
      }
      expect(await objections(), path).toEqual([]);
    }
  });
});
