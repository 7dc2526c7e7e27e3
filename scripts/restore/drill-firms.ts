import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import type { Ctx } from "@/lib/domain/context/ctx";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { signHead } from "@/lib/domain/events/sign-head";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { operatorCtx, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import { withClient } from "../bootstrap-database";
import type { Acknowledged } from "./statement";

const operator = provenOperator(newId(), systemClock);

/** Makes invented firms in the drill's own database. */
export async function makeFirms(adminUrl: string, count: number): Promise<Ctx[]> {
  const firms = Array.from({ length: count }, (_, index) => ({ id: newId(), slug: `drill-${index + 1}` }));
  await withClient(adminUrl, (client) =>
    client.query(
      `INSERT INTO tenant (id, slug, name, demo)
       SELECT id, slug, 'Firm ' || slug, true FROM jsonb_to_recordset($1) AS firm(id uuid, slug text)`,
      [JSON.stringify(firms)],
    ),
  );
  return firms.map(({ id }) => operatorCtx(operator, id));
}

/** Takes a batch of leads for each firm, with contacts whose look-ups become jobs, and gives what was acknowledged. */
export async function takeLeads(firms: readonly Ctx[], batch: string, count: number): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  for (const ctx of firms) {
    const leads = Array.from({ length: count }, (_, index) => ({
      sourceId: `${batch}-${index}`,
      name: { full: `FICTUS, ROWAN ${index}` },
      county: "Travis",
      charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
      contacts: [{ kind: "email", value: `${batch}-${index}@drill.example` }],
    }));
    const { results } = await ingestLeads(ctx, { source: "api", leads });
    const at = systemClock.now().toISOString();
    for (const { leadId } of results) {
      if (!leadId) throw new Error(`A lead of ${batch} was not taken.`);
      acknowledged.push({ tenantId: ctx.tenantId, leadId, at });
    }
  }
  return acknowledged;
}

/** Seals every event there is, and keeps a signed head of each chain outside the database. */
export async function sealAndSign(adminUrl: string, firms: readonly Ctx[]): Promise<void> {
  for (const ctx of firms) {
    // A transaction that is under way somewhere holds sealing up for a moment.
    while ((await countUnsealed(adminUrl, ctx.tenantId)) > 0) await sealEvents(ctx);
    await signHead(ctx);
  }
}

const countUnsealed = (adminUrl: string, tenantId: string): Promise<number> =>
  withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM event e WHERE tenant_id = $1
         AND NOT EXISTS (SELECT FROM event_seal s WHERE s.tenant_id = e.tenant_id AND s.event_id = e.id)`,
      [tenantId],
    );
    return rows[0]?.count ?? 0;
  });

/** The harm: whoever holds the owner's password deletes a firm's charges and contacts. Says how many rows are gone. */
export const doHarm = (ownerUrl: string, { tenantId }: Ctx): Promise<number> =>
  withClient(ownerUrl, async (client) => {
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId]);
    let gone = 0;
    for (const table of ["enrichment", "contact_point", "charge"]) {
      gone += (await client.query(`DELETE FROM ${table} WHERE tenant_id = $1`, [tenantId])).rowCount ?? 0;
    }
    await client.query("COMMIT");
    return gone;
  });
