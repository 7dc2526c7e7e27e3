import type pg from "pg";
import { z } from "zod";
import { listHeadKeys, readHead } from "@/lib/domain/events/audit-heads";
import { FIRST_LINK } from "@/lib/domain/events/chain";
import { type Operator, operatorCtx } from "@/lib/domain/tenants/operator-ctx";
import { withClient } from "../bootstrap-database";
import { asFirm, asPlatformRole, onOneSnapshot, readTables } from "./read-tables";

/** How many of a firm's newest leads stand for what was acknowledged, where nobody kept a list. */
const NEWEST = 10;

const Acknowledged = z.strictObject({ tenantId: z.uuid(), leadId: z.uuid(), at: z.iso.datetime() });
/** A lead that somebody was told is kept, and when. */
export type Acknowledged = z.infer<typeof Acknowledged>;

/** What a database held at a moment, and the heads kept outside it: enough to know it again, and nothing personal. */
export const Statement = z.strictObject({
  takenAt: z.iso.datetime(),
  tables: z.record(z.string(), z.strictObject({ rows: z.int(), hash: z.string() })),
  unread: z.array(z.string()),
  /** By id: the end of the firm's chain, and the newest signed head up to there. */
  firms: z.record(
    z.uuid(),
    z.strictObject({ slug: z.string(), sealed: z.int(), hash: z.string(), newestHead: z.int().nullable() }),
  ),
  acknowledged: z.array(Acknowledged),
});
export type Statement = z.infer<typeof Statement>;
type FirmState = Statement["firms"][string];

/** States what the database of this address holds. Without a list of what was acknowledged, the newest leads of each firm stand for it. */
export async function takeStatement(
  url: string,
  operator: Operator,
  acknowledged?: readonly Acknowledged[],
): Promise<Statement> {
  return withClient(url, (client) =>
    onOneSnapshot(client, async () => {
      const { rows: now } = await client.query<{ at: Date }>("SELECT clock_timestamp() AS at");
      const found = await listFirms(client);
      const { tables, unread } = await readTables(
        client,
        found.map(({ id }) => id),
      );
      const firms: Record<string, FirmState> = {};
      const newest: Acknowledged[] = [];
      for (const { id, slug } of found) {
        firms[id] = { slug, ...(await asFirm(client, id, () => readChainEnd(client, operator, id))) };
        if (!acknowledged) newest.push(...(await asFirm(client, id, () => newestLeads(client, id))));
      }
      return {
        takenAt: (now[0]?.at ?? operator.clock.now()).toISOString(),
        tables,
        unread,
        firms,
        acknowledged: [...(acknowledged ?? newest)],
      };
    }),
  );
}

const listFirms = (client: pg.Client): Promise<{ id: string; slug: string }[]> =>
  asPlatformRole(
    client,
    async () => (await client.query<{ id: string; slug: string }>("SELECT id, slug FROM tenant ORDER BY slug")).rows,
  );

async function readChainEnd(client: pg.Client, operator: Operator, id: string): Promise<Omit<FirmState, "slug">> {
  const { rows } = await client.query<{ sequence: string; hash: string }>(
    "SELECT sequence, hash FROM event_seal WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1",
    [id],
  );
  const sealed = Number(rows[0]?.sequence ?? 0);
  const { tenantId } = operatorCtx(operator, id);
  const newest = (await listHeadKeys(tenantId)).filter(({ sequence }) => sequence <= sealed).at(-1);
  const isOurs = newest && !(await readHead(tenantId, newest)).isForged;
  return { sealed, hash: rows[0]?.hash ?? FIRST_LINK, newestHead: isOurs ? newest.sequence : null };
}

async function newestLeads(client: pg.Client, tenantId: string): Promise<Acknowledged[]> {
  const { rows } = await client.query<{ id: string; at: Date }>(
    "SELECT id, first_seen_at AS at FROM lead WHERE tenant_id = $1 ORDER BY first_seen_at DESC, id LIMIT $2",
    [tenantId, NEWEST],
  );
  return rows.map(({ id, at }) => ({ tenantId, leadId: id, at: at.toISOString() }));
}
