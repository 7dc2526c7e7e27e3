import { afterAll, afterEach } from "vitest";
import type { Ctx } from "@/lib/domain/context/ctx";
import { lookUp } from "@/lib/domain/enrichment/look-up";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { startSandbox } from "../../sandbox/server";
import { asOwner, type TestFirm } from "../setup/firms";

/** The sandbox of this test file. The settings are read when the first call is made, so they may be set here. */
export const sandbox = await startSandbox({ env: "test" });
process.env.TWILIO_BASE_URL = sandbox.twilio.url;
process.env.KICKBOX_BASE_URL = sandbox.kickbox.url;

afterEach(() => sandbox.reset());
afterAll(async () => {
  await closeQueue();
  await closeDatabase();
  await sandbox.close();
});

export const callsTo = (vendor: "twilio" | "kickbox"): number => sandbox.log.totals(vendor).requests;

type Contact = { kind: "phone" | "email"; value: string };

/** Posts leads with these contacts, one lead for each list, and gives their ids. */
export async function leadsWith(firm: TestFirm, contacts: Contact[][], ctx: Ctx = firm.asKey()): Promise<string[]> {
  const leads = contacts.map((list, index) => ({
    sourceId: `lead-${index}`,
    name: { full: "FICTUS, ROWAN" },
    county: "Travis",
    charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
    contacts: list,
  }));
  const report = await ingestLeads(ctx, { source: "api", leads });
  return report.results.map((result) => result.leadId as string);
}

export const phone = (value: string): Contact => ({ kind: "phone", value });
export const email = (value: string): Contact => ({ kind: "email", value });

export type EnrichmentSeen = {
  id: string;
  lead_id: string;
  contact_id: string;
  provider: string;
  state: string;
  result: Record<string, unknown> | null;
  problem: string | null;
  attempts: number;
  next_attempt_at: Date | null;
  checked_at: Date | null;
  expires_at: Date | null;
};

export const enrichmentsOf = (firm: TestFirm): Promise<EnrichmentSeen[]> =>
  asOwner(firm.id, async (client) => (await client.query("SELECT * FROM enrichment ORDER BY requested_at, id")).rows);

/** The jobs that are waiting for a firm's look-ups. */
export const jobsOf = (firm: TestFirm): Promise<{ id: string; start_after: Date; data: { enrichmentId: string } }[]> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query(
      `SELECT id, start_after, data FROM pgboss.job WHERE name = 'enrichment.lookup' AND data->>'tenantId' = $1 AND state < 'active'
       ORDER BY start_after`,
      [firm.id],
    );
    return rows;
  });

export const contactState = (firm: TestFirm, leadId: string): Promise<string> =>
  asOwner(
    firm.id,
    async (client) =>
      (await client.query("SELECT contact_state FROM lead WHERE id = $1", [leadId])).rows[0]?.contact_state,
  );

/** Makes every check that is pending, as the runner would with its jobs. */
export async function lookUpAll(firm: TestFirm, ctx: Ctx = firm.asService()): Promise<EnrichmentSeen[]> {
  const pending = (await enrichmentsOf(firm)).filter((row) => row.state === "pending");
  await lookUp(
    ctx,
    pending.map((row) => row.id),
  );
  return enrichmentsOf(firm);
}
