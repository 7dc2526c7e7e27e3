import type { Page } from "playwright";
import { beforeAll } from "vitest";
import { newId } from "@/lib/core/ids";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { makePasswordLink } from "@/lib/domain/auth/users/make-password-link";
import { resetFactor } from "@/lib/domain/auth/users/reset-factor";
import { addUserWithPassword, makeFirmWithPassword } from "../http/call";
import { codeOf } from "../setup/factor";
import type { TestFirm } from "../setup/firms";
import { type Place, promiseLooks } from "./looks";
import { isHydrated, openOffice } from "./office";

const office = openOffice();
let firm: TestFirm;
beforeAll(async () => {
  firm = await makeFirmWithPassword();
});

const newEmail = () => `${newId()}@elsewhere.example`;
const invitation = async () => {
  const scope = { counties: [], classes: [] };
  return (await inviteUser(firm.asUser(), { email: newEmail(), name: "Rosa Ejemplo", role: "attorney", scope })).path;
};
const member = async () => (await addUserWithPassword(firm, { role: "staff", email: newEmail() })).id;

const toCode = async (page: Page) => {
  await page.getByLabel("E-mail").fill(firm.user.email);
  await page.getByLabel("Password", { exact: true }).fill("whatever it is");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/login/code");
};
const key = async (page: Page) => {
  await page.getByText("Type this key").click();
  return ((await page.locator("details p").textContent()) ?? "").replaceAll(/\s/g, "");
};
const join = async (page: Page, password: string, code: string) => {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page
    .locator("#password-strength")
    .filter({ hasText: /Strong|This password/ })
    .waitFor();
  await page.getByLabel("Code", { exact: true }).fill(code);
  await page.getByRole("button", { name: "Join", exact: true }).click();
};

const PLACES: Place[] = [
  { name: "sign-in after a refusal", path: "/login?error=CredentialsSignin", hasNoShell: true },
  { name: "the code", path: "/login", hasNoShell: true, arrange: toCode },
  {
    name: "the recovery code",
    path: "/login",
    hasNoShell: true,
    arrange: async (page) => {
      await toCode(page);
      await page.getByRole("link", { name: "Use a recovery code" }).click();
      await page.getByLabel("Recovery code").waitFor();
    },
  },
  { name: "an invitation", path: invitation, hasNoShell: true, arrange: key },
  {
    name: "an invitation with refused fields",
    path: invitation,
    hasNoShell: true,
    arrange: async (page) => {
      await key(page);
      await join(page, "Rosa Ejemplo 2026", "000000");
      await page.locator("[aria-invalid=true]").first().waitFor();
    },
  },
  {
    name: "the recovery codes of who has joined",
    path: invitation,
    hasNoShell: true,
    arrange: async (page) => {
      await join(page, "velvet otter climbs ninth ridge", codeOf(await key(page)));
      await page.getByRole("button", { name: "I have kept them" }).waitFor();
      // nobody is signed in at the places after this one
      await page.context().clearCookies();
    },
  },
  { name: "an invitation that is dead", path: `/join/${newId()}.x`, hasNoShell: true },
  {
    name: "a link for a new password",
    path: async () => (await makePasswordLink(firm.asUser(), await member())).path,
    hasNoShell: true,
    arrange: (page) => isHydrated(page, "form"),
  },
  {
    name: "a link for a new authenticator",
    path: async () => (await resetFactor(firm.asUser(), await member())).path,
    hasNoShell: true,
    arrange: key,
  },
];

promiseLooks({ office, firm: () => firm, places: PLACES, expectErrors: /404|422/ });
