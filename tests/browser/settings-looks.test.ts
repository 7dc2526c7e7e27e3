import { beforeAll } from "vitest";
import { newId } from "@/lib/core/ids";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { addUserWithPassword, makeFirmWithPassword } from "../http/call";
import { asOwner, type TestFirm } from "../setup/firms";
import { type Place, promiseLooks } from "./looks";
import { openOffice, staleFactor } from "./office";

const office = openOffice();
let firm: TestFirm;
beforeAll(async () => {
  firm = await makeFirmWithPassword();
  await addUserWithPassword(firm, { role: "staff", email: "sam@elsewhere.example" });
  const scope = { counties: [], classes: [] };
  await connectOnPaper();
  await inviteUser(firm.asUser(), { email: "rosa@elsewhere.example", name: "Rosa Ejemplo", role: "attorney", scope });
});

/** One service at work on its first pull, one whose sides differ, and one that broke. */
const connectOnPaper = (): Promise<void> =>
  asOwner(firm.id, async (client) => {
    for (const [id, provider, state, problem] of [
      [newId(), "acuity", "connected", null],
      [newId(), "google", "connected", "unavailable"],
      [newId(), "zoom", "broken", "revoked"],
    ]) {
      await client.query(
        `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, connected_by, connected_at, last_ok_at, problem, quota_left)
         VALUES ($1, $2, $3, 'oauth', $4, 'account', 'office@elsewhere.example', $5, now(), now(), $6, 4200)`,
        [firm.id, id, provider, state, firm.user.id, problem],
      );
      await client.query(
        `INSERT INTO sync_cursor (tenant_id, id, connection_id, resource, done, total, next_run_at) VALUES ($1, $2, $3, 'appointments', 40, 100, now())`,
        [firm.id, newId(), id],
      );
      const items = [
        { leadId: null, consultationId: newId(), externalId: "77", what: "different", fields: ["startsAt"] },
      ];
      await client.query(
        `INSERT INTO drift_report (tenant_id, connection_id, checked_at, ours, theirs, only_ours, only_theirs, different, items)
         VALUES ($1, $2, now(), 12, 11, 0, 0, 1, $3)`,
        [firm.id, id, JSON.stringify(items)],
      );
    }
  });

const PLACES: Place[] = [
  { name: "one's own settings", path: "/settings/profile" },
  { name: "the users", path: "/settings/users" },
  { name: "the API keys", path: "/settings/api-keys" },
  { name: "the domains", path: "/settings/domains" },
  { name: "the connections", path: "/settings/connections" },
  { name: "the fields of a CRM that is not connected", path: "/settings/connections/zoho" },
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
