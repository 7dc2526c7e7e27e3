import pg from "pg";
import { newId } from "@/lib/core/ids";
import { sha256 } from "@/lib/core/secret";
import { inviteUser } from "@/lib/domain/auth/users/invite-user";
import { addContact } from "@/lib/domain/enrichment/contacts";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { finishIngestRun, startIngestRun } from "@/lib/domain/leads/ingest-runs";
import { addDomain } from "@/lib/domain/tenants/domains";
import { encryptField } from "@/lib/platform/crypto";
import { sealUntil } from "../audit/chain";
import { asOwner, eventsOf, makeFirm, type TestFirm } from "../setup/firms";
import { addConnectedRows } from "./connected-rows";

/** Words that only this firm's rows hold, wherever they are. */
export const canaryOf = (firm: TestFirm): string => `CANARY${firm.id.slice(-12).toUpperCase()}`;

const FINISHED = { found: 1, new: 1, changed: 0, same: 0, rejected: 0, suppressed: 0, withdrawn: 0 };

/** A firm with a row in every table that can hold one of a firm's: made by the verbs where there are some, else as the owner. */
export async function makeFullFirm(leads = 3): Promise<TestFirm> {
  const firm = await makeFirm({ passwordHash: "$argon2id$of-a-test" });
  const canary = canaryOf(firm);
  const run = await startIngestRun(firm.asKey(), { source: "api", county: "Travis" });
  const report = await ingestLeads(firm.asKey(), {
    source: "api",
    runId: run.id,
    leads: Array.from({ length: leads }, (_, at) => ({
      sourceId: `${canary}-${at}`,
      name: { first: "Rowan", last: canary },
      county: "Travis",
      charges: [{ offense: "DWI", bailCents: 50_000 }],
    })),
  });
  await finishIngestRun(firm.asKey(), run.id, { status: "succeeded", ...FINISHED });
  const leadId = report.results[0]?.leadId ?? "";
  await addContact(firm.asUser(), leadId, {
    kind: "email",
    value: `${canary.toLowerCase()}@person.example`,
    givenBy: "Ana, sister",
    basis: "referral",
    check: false,
  });
  await enrichLeads(firm.asUser(), { leadIds: [leadId] });
  await changeLeadStatus(firm.asUser(), { leadId, to: "dismissed", reason: `${canary} has counsel` });
  await addDomain(firm.asUser(), { host: `${canary.toLowerCase()}.example` });
  await inviteUser(firm.asUser(), {
    email: `new@${firm.slug}.example`,
    name: "Nina New",
    role: "viewer",
    scope: { counties: [], classes: [] },
  });
  await addByHand(firm);
  await addConnectedRows(firm, leadId);
  await sealUntil(firm, (await eventsOf(firm)).length);
  return firm;
}

/** What a request, a sign-in or a worker leaves behind for a while. */
function addByHand({ id, user }: TestFirm): Promise<void> {
  const body = (rowId: string) =>
    encryptField("{}", { tenantId: id, table: "idempotency_key", column: "body_cipher", rowId });
  const rows: [sql: string, ...values: unknown[]][] = [
    [
      `INSERT INTO session (tenant_id, id, user_id, token_hash, expires_at, factor, factor_at)
       VALUES ($1, $2, $3, $4, now() + interval '1 hour', 'totp', now())`,
      newId(),
      user.id,
      sha256(newId()),
    ],
    [
      `INSERT INTO passkey (tenant_id, id, user_id, credential_id, public_key, rp_id, name, created_at)
       VALUES ($1, $2, $3, $4, 'key', 'x.localhost', 'Laptop', now())`,
      newId(),
      user.id,
      newId(),
    ],
    [
      "INSERT INTO recovery_code (tenant_id, user_id, code_hash, created_at) VALUES ($1, $2, $3, now())",
      user.id,
      sha256(newId()),
    ],
    [
      "INSERT INTO sign_in_attempt (tenant_id, id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, now(), now())",
      newId(),
      sha256(newId()),
    ],
    [
      `INSERT INTO idempotency_key (tenant_id, caller, route, key, request_hash, status, body_cipher, created_at, expires_at)
       VALUES ($1, 'c', 'r', 'k', 'h', 200, $2, now(), now())`,
      body("c|r|k"),
    ],
    ["INSERT INTO suppression (tenant_id, digest, reason) VALUES ($1, $2, 'expunged')", sha256(newId())],
    [
      `INSERT INTO vendor_budget (tenant_id, provider, daily_limit, concurrency_limit, day) VALUES ($1, 'test', 1, 1, now())
       ON CONFLICT DO NOTHING`,
    ],
    [
      "INSERT INTO vendor_lease (tenant_id, provider, enrichment_id, expires_at) VALUES ($1, 'test', $2, now())",
      newId(),
    ],
    ["INSERT INTO audit_watch (tenant_id, watched_at) VALUES ($1, now())"],
    ["INSERT INTO audit_stream (tenant_id, sequence, written_at) VALUES ($1, 0, now())"],
    [
      `INSERT INTO person_erasure (tenant_id, id, erased_lead_id, reason, digests, counts, facts, files_left, head_sequence, head_hash, erased_by, began_at)
       VALUES ($1, gen_random_uuid(), gen_random_uuid(), 'request', '{}', '{}', '{}', '{}', 0, '', 'test', now())`,
    ],
    [
      `INSERT INTO integration_secret (tenant_id, id, provider, name, value_cipher, created_at, updated_at)
       VALUES ($1, gen_random_uuid(), 'zoom', 'token', 'sealed', now(), now())`,
    ],
  ];
  return asOwner(id, async (client) => {
    for (const [sql, ...values] of rows) await client.query(sql, [id, ...values]);
  });
}

/** How many rows of a firm every table holds that has a firm's rows, from the catalogue: a new table is in it by itself. */
export async function countRows(adminUrl: string, firmId: string): Promise<Record<string, number>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ table: string }>(
      `SELECT table_name AS table FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema = 'public' AND column_name = 'tenant_id' AND table_type = 'BASE TABLE' ORDER BY 1`,
    );
    const counts: Record<string, number> = {};
    const count = async (name: string, sql: string) => {
      counts[name] = (await client.query<{ count: number }>(sql, [firmId])).rows[0]?.count ?? 0;
    };
    for (const { table } of rows)
      await count(
        table,
        `SELECT count(*)::int AS count FROM ${client.escapeIdentifier(table)} WHERE tenant_id = $1::uuid`,
      );
    await count("tenant", "SELECT count(*)::int AS count FROM tenant WHERE id = $1::uuid");
    await count("pgboss.job", "SELECT count(*)::int AS count FROM pgboss.job WHERE data->>'tenantId' = $1::text");
    return counts;
  } finally {
    await client.end();
  }
}
