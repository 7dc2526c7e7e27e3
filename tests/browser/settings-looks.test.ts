import { beforeAll } from "vitest";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { addUserWithPassword, makeFirmWithPassword } from "../http/call";
import type { TestFirm } from "../setup/firms";
import { type Place, promiseLooks } from "./looks";
import { openOffice, staleFactor } from "./office";

const office = openOffice();
let firm: TestFirm;
beforeAll(async () => {
  firm = await makeFirmWithPassword();
  await addUserWithPassword(firm, { role: "staff", email: "sam@elsewhere.example" });
  const scope = { counties: [], classes: [] };
  await inviteUser(firm.asUser(), { email: "rosa@elsewhere.example", name: "Rosa Ejemplo", role: "attorney", scope });
});

const PLACES: Place[] = [
  { name: "one's own settings", path: "/settings/profile" },
  { name: "the users", path: "/settings/users" },
  { name: "the API keys", path: "/settings/api-keys" },
  { name: "the domains", path: "/settings/domains" },
  { name: "the audit trail", path: "/settings/audit" },
  {
    name: "the question for the second factor, answered wrongly",
    path: "/settings/domains",
    arrange: async (page) => {
      await staleFactor(firm, firm.user);
      await page.getByLabel("Domain", { exact: true }).fill("leads.elsewhere.example");
      await page.getByRole("button", { name: "Add domain" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();
      await page.getByRole("dialog").getByRole("alert").waitFor();
    },
  },
];

promiseLooks({ office, firm: () => firm, places: PLACES, expectErrors: /401/ });
