import { afterAll } from "vitest";
import { fixedClock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { runCursor } from "@/lib/domain/sync/run-cursor";
import { startSync } from "@/lib/domain/sync/start-sync";
import { storeConnection } from "@/lib/domain/tenants/connections/store-connection";
import { closeDatabase } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { startSandbox } from "../../sandbox/server";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { until } from "../setup/http";

export const START = "2026-11-23T15:00:00Z";
export const clock = fixedClock(START);
export const sandbox = await startSandbox({ env: "test", clock });
export const { world } = sandbox.zoho;
Object.assign(process.env, {
  ZOHO_SANDBOX_URL: sandbox.zoho.url,
  ZOHO_CLIENT_ID: world.oauth.options.clientId,
  ZOHO_CLIENT_SECRET: world.oauth.options.clientSecret,
});

afterAll(async () => {
  await closeQueue();
  await closeDatabase();
  await sandbox.close();
});

export const ORG = "700000001";
export const MINUTE = 60_000;

export type ZohoFirm = TestFirm & { connectionId: string; job: () => Ctx };

/** A firm whose somebody said yes at Zoho, with its mapping and its cursors. */
export async function connectedFirm(orgId = ORG): Promise<ZohoFirm> {
  const firm = await makeFirm();
  const { grants, options } = world.oauth;
  const grant = grants.open({ accountId: orgId, clientId: options.clientId, scopes: options.scopes });
  const refresh = grants.refreshToken(grant);
  const connectionId = await storeConnection(firm.asUser(clock), {
    provider: "zoho",
    mode: "oauth",
    identity: { accountId: orgId, label: "Smith Law", settings: {} },
    scopes: [...options.scopes],
    settings: { dataCenter: "us" },
    accessExpiresAt: new Date(clock.now().getTime() + 3_600_000),
    secrets: {
      access_token: grants.accessToken(grant, clock.now().getTime() + 3_600_000, refresh),
      refresh_token: refresh,
    },
    connectedBy: firm.user.id,
  });
  const job = (): Ctx => ({ ...firm.asService(clock), actor: { type: "job", id: "test" } });
  await startSync(job(), connectionId);
  return { ...firm, connectionId, job };
}

let count = 0;
type Person = { name?: string; email?: string; phone?: string; answered?: boolean };

/** A lead of the firm whose person answered, unless told otherwise. */
export async function leadOf(
  firm: TestFirm,
  { name = "FICTUS, ROWAN", email, phone, answered = true }: Person = {},
): Promise<string> {
  count += 1;
  const contacts = [
    ...(email ? [{ kind: "email" as const, value: email }] : []),
    ...(phone ? [{ kind: "phone" as const, value: phone }] : []),
  ];
  const lead = {
    sourceId: `zoho-${count}`,
    name: { full: name },
    county: "Travis",
    charges: [{ offense: "DWI" }],
    contacts,
  };
  const report = await ingestLeads(firm.asKey(undefined, clock), { source: "api", leads: [lead] });
  const leadId = report.results[0]?.leadId as string;
  if (answered) await changeLeadStatus(firm.asUser(clock), { leadId, to: "responded" });
  return leadId;
}

/** Many leads whose people answered, at once. */
export async function leadsOf(firm: TestFirm, many: number): Promise<string[]> {
  const leads = Array.from({ length: many }, (_, index) => ({
    sourceId: `many-${index}`,
    name: { full: `FICTUS${index}, ROWAN` },
    county: "Travis",
    charges: [{ offense: "DWI" }],
    contacts: [{ kind: "email" as const, value: `p${index}@example.com` }],
  }));
  const report = await ingestLeads(firm.asKey(undefined, clock), { source: "api", leads });
  await rows(firm, "UPDATE lead SET status = 'responded'");
  return report.results.map((result) => result.leadId as string);
}

export const rows = <R>(firm: TestFirm, sql: string, values: unknown[] = []): Promise<R[]> =>
  asOwner(firm.id, async (client) => (await client.query(sql, values)).rows as R[]);

/** Seals everything that happened: a transaction of anybody on this server, also in another database, puts it off until it ends. */
async function sealAll(firm: ZohoFirm): Promise<void> {
  const open =
    "SELECT 1 FROM event e WHERE NOT EXISTS (SELECT FROM event_seal s WHERE s.tenant_id = e.tenant_id AND s.event_id = e.id)";
  await until("every event is sealed", async () => {
    await sealEvents(firm.job());
    return (await rows(firm, open)).length === 0;
  });
}

/** Runs a resource as the worker would when it is due. */
export async function run(firm: ZohoFirm, resource: "push" | "changes" | "deletions"): Promise<void> {
  await sealAll(firm);
  const [cursor] = await rows<{ id: string }>(
    firm,
    `UPDATE sync_cursor SET next_run_at = $1, problem = NULL, claimed_until = NULL WHERE resource = $2 RETURNING id`,
    [clock.now(), resource],
  );
  await runCursor(firm.job(), cursor?.id ?? "");
}

export type LinkSeen = {
  lead_id: string;
  external_id: string | null;
  state: string;
  problem: string | null;
  details: { code?: string; field?: string };
};
export const linkOf = async (firm: TestFirm, leadId: string): Promise<LinkSeen | undefined> =>
  (await rows<LinkSeen>(firm, "SELECT * FROM sync_link WHERE lead_id = $1", [leadId]))[0];

export const cursorOf = async (firm: TestFirm, resource: string) =>
  (
    await rows<{ problem: string | null; next_run_at: Date; phase: string }>(
      firm,
      "SELECT * FROM sync_cursor WHERE resource = $1",
      [resource],
    )
  )[0];

export const statusOf = async (firm: TestFirm, leadId: string): Promise<string | undefined> =>
  (await rows<{ status: string }>(firm, "SELECT status FROM lead WHERE id = $1", [leadId]))[0]?.status;

/** The record that stands for a lead at Zoho. */
export async function recordOf(firm: TestFirm, leadId: string, orgId = ORG) {
  const link = await linkOf(firm, leadId);
  return world.org(orgId).leads.get(link?.external_id ?? "")?.fields;
}

/** How many writes Zoho was sent. */
export const writes = (): number =>
  sandbox.log.last("zoho", 10_000).filter(({ method, path }) => path.includes("/crm/") && method !== "GET").length;
