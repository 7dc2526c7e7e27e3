import type { BrowserContext, Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { makePasswordLink } from "@/lib/domain/auth/users/make-password-link";
import { resetFactor } from "@/lib/domain/auth/users/reset-factor";
import { addUserWithPassword, makeFirmWithPassword, PASSWORD } from "../http/call";
import { codeOf } from "../setup/factor";
import { asOwner, eventsOf, type TestFirm } from "../setup/firms";
import { fillCode, fillSignIn, isAlive, isHydrated, notice, openOffice, staleFactor } from "./office";

const office = openOffice();
const NEW_PASSWORD = "velvet otter climbs ninth ridge";
let firm: TestFirm;
beforeAll(async () => {
  firm = await makeFirmWithPassword();
});

async function newContext(): Promise<BrowserContext> {
  const context = await office.browser.newContext();
  context.setDefaultTimeout(10_000);
  return context;
}
const newPage = async (): Promise<Page> => (await newContext()).newPage();
const atDoor = (page: Page) => page.waitForURL((url) => url.pathname === "/login");
const atLeads = async (page: Page) => {
  await page.waitForURL((url) => url.pathname === "/leads");
  await isAlive(page);
};

/** The key that the page shows for typing, as an authenticator app takes it. */
async function keyOnPage(page: Page): Promise<string> {
  await page.getByText("Type this key").click();
  return ((await page.locator("details p").textContent()) ?? "").replaceAll(/\s/g, "");
}

async function signOut(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await atDoor(page);
}

/** The first step of signing in. */
async function typePassword(page: Page, email: string, password: string): Promise<void> {
  await page.goto(office.at(firm, "/login"));
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/login/code");
}

describe("an invited person", () => {
  const email = "rosa@elsewhere.example";
  let codes: string[] = [];

  it("joins with a password and an authenticator of their own, and keeps ten recovery codes", async () => {
    const scope = { counties: [], classes: [] };
    const { path } = await inviteUser(firm.asUser(), { email, name: "Rosa Ejemplo", role: "attorney", scope });
    const page = await newPage();
    await page.goto(office.at(firm, path));
    await page.getByText("You are invited as attorney").waitFor();
    expect(await page.getByLabel("E-mail").inputValue()).toBe(email);
    expect(await page.getByLabel("Name").inputValue()).toBe("Rosa Ejemplo");
    const secret = await keyOnPage(page);
    await page.reload();
    expect(await keyOnPage(page), "the same key again, for who has scanned it already").toBe(secret);

    office.browser.expectErrors(/422|404/);
    await page.getByLabel("Password", { exact: true }).fill("Rosa Ejemplo 2026");
    await page.getByText(/^This password .+\.$/).waitFor();
    await page.getByLabel("Code", { exact: true }).fill("000000");
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await page.getByText("is not the code that the app shows now").waitFor();
    expect(await page.locator("[aria-invalid=true]").count()).toBe(2);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("password");

    await page.getByLabel("Password", { exact: true }).fill(NEW_PASSWORD);
    await page.getByText("Strong.").waitFor();
    await page.getByLabel("Code", { exact: true }).fill(codeOf(secret));
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await page.getByRole("heading", { name: /^You have joined/ }).waitFor();
    codes = await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").allTextContents();
    expect(new Set(codes).size).toBe(10);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await atLeads(page);

    await page.goto(office.at(firm, path));
    await page.getByRole("heading", { name: "This invitation can no longer be used" }).waitFor();
    await page.goto(office.at(firm, "/leads"));
    await isAlive(page);
    await signOut(page, "Rosa Ejemplo");
  });

  it("comes back with the password and a recovery code, each of which works once", async () => {
    const page = await newPage();
    const [first = ""] = codes;
    const use = async (code: string) => {
      await typePassword(page, email, NEW_PASSWORD);
      await page.getByRole("link", { name: "Use a recovery code" }).click();
      await page.getByLabel("Recovery code").fill(code);
      await page.getByRole("button", { name: "Sign in" }).click();
    };
    await use(first);
    await atLeads(page);
    await signOut(page, "Rosa Ejemplo");
    await use(first);
    await atDoor(page);
    await page.getByText("E-mail, password or code was not right.").waitFor();
  });
});

describe("a passkey", () => {
  it("is made in the browser and opens the door in place of the code, never in place of the password", async () => {
    const page = await newPage();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const device = {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
    } as const;
    await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: { ...device, isUserVerified: true, automaticPresenceSimulation: true },
    });
    await page.goto(office.at(firm, "/login"));
    await fillSignIn(page, firm);
    await atLeads(page);
    await page.goto(office.at(firm, "/settings/profile"));
    await isAlive(page);
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.locator("#passkeys").getByLabel("Name").fill("Test laptop");
    await page.getByRole("button", { name: "Add this device" }).click();
    await notice(page).getByText("Passkey “Test laptop” added").waitFor();
    await signOut(page, "Dana Counsel");

    for (const [password, isRight] of [
      ["not the password", false],
      [PASSWORD, true],
    ] as const) {
      await typePassword(page, firm.user.email, password);
      await isHydrated(page, "form");
      await page.getByRole("button", { name: "Use a passkey instead" }).click();
      await (isRight ? atLeads(page) : atDoor(page));
    }
    const [signedIn] = (await eventsOf(firm)).filter(({ type }) => type === "auth.signed_in").slice(-1);
    expect(signedIn?.data.factor).toBe("passkey");

    office.browser.expectErrors(/401/);
    await page.goto(office.at(firm, "/settings/domains"));
    await isAlive(page);
    await staleFactor(firm, firm.user);
    await page.getByLabel("Domain", { exact: true }).fill("passkeys.elsewhere.example");
    await page.getByRole("button", { name: "Add domain" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Use a passkey instead" }).click();
    await notice(page).getByText("passkeys.elsewhere.example added").waitFor();
  });
});

describe("what could do harm", () => {
  // Seen red without: the second call after the dialog; with: the sign-in page for every 401
  it("asks for the second factor again, then goes on with what was asked for", async () => {
    const page = await office.open(firm, "/settings/domains");
    await staleFactor(firm, firm.user);
    office.browser.expectErrors(/401|422/);
    const button = page.getByRole("button", { name: "Add domain" });
    const dialog = page.getByRole("dialog", { name: "Confirm it is you" });
    await page.getByLabel("Domain", { exact: true }).fill("leads.elsewhere.example");

    await button.click();
    await dialog.waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("code");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await page.getByText("Confirm that it is you").waitFor();

    await button.click();
    await dialog.getByLabel("Code", { exact: true }).fill("000000");
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await dialog.getByRole("alert").waitFor();
    await asOwner(firm.id, (client) =>
      client.query("UPDATE totp SET last_step = 0 WHERE user_id = $1", [firm.user.id]),
    );
    await dialog.getByLabel("Code", { exact: true }).fill(codeOf(firm.user.totpSecret));
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await dialog.waitFor({ state: "hidden" });
    await notice(page).getByText("leads.elsewhere.example added").waitFor();
    const added = (await eventsOf(firm)).filter(({ data }) => data.host === "leads.elsewhere.example");
    expect(added.map(({ type }) => type)).toEqual(["domain.added"]);
  });
});

describe("a link of an admin", () => {
  it("sets a new password and nothing else: the code is asked for as before", async () => {
    const user = await addUserWithPassword(firm, { role: "staff", email: "lee@elsewhere.example" });
    const { path } = await makePasswordLink(firm.asUser(), user.id);
    const page = await newPage();
    await page.goto(office.at(firm, path));
    await isHydrated(page, "form");
    await page.getByLabel("New password").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "Set the new password" }).click();
    await page.getByRole("heading", { name: "Your new password is set" }).waitFor();
    await page.getByRole("link", { name: "Sign in" }).click();
    await fillSignIn(page, firm, PASSWORD, user);
    await atDoor(page);
    await fillSignIn(page, firm, NEW_PASSWORD, user);
    await atLeads(page);
  });

  it("sets up a new authenticator for who knows the password, and the old one is gone", async () => {
    const user = await addUserWithPassword(firm, { role: "staff", email: "kim@elsewhere.example" });
    const { path } = await resetFactor(firm.asUser(), user.id);
    const page = await newPage();
    await page.goto(office.at(firm, path));
    const secret = await keyOnPage(page);
    office.browser.expectErrors(/422/);
    const send = async (password: string) => {
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByLabel("Code", { exact: true }).fill(codeOf(secret));
      await page.getByRole("button", { name: "Set up and sign in" }).click();
    };
    await send("not the password");
    await page.getByText("is not your password").waitFor();
    await send(PASSWORD);
    await page.getByRole("heading", { name: "Your new authenticator is set up" }).waitFor();
    await page.getByRole("button", { name: "I have kept them" }).click();
    await atLeads(page);

    const door = await newPage();
    await typePassword(door, user.email, PASSWORD);
    await fillCode(door, codeOf(user.totpSecret));
    await atDoor(door);
  });
});
