import type { ConnectorName } from "@/lib/core/connectors";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** A connection through which the firm's service may be asked. */
export type Askable = { connectionId: string; provider: ConnectorName };

const ASKED = Prisma.sql`SELECT k.id AS "connectionId", k.provider FROM connection k JOIN tenant t ON t.id = k.tenant_id AND t.status = 'active'`;

/** The connection when it may be asked: it works, and the firm is not shut. Null otherwise, also for another firm's. */
export async function findAskable(
  tx: Tx,
  { tenantId }: Ctx,
  by: { connectionId: string } | { provider: ConnectorName },
): Promise<Askable | null> {
  const which =
    "provider" in by ? Prisma.sql`k.provider = ${by.provider}` : Prisma.sql`k.id = ${by.connectionId}::uuid`;
  const [row] = await tx.$queryRaw<Askable[]>(
    Prisma.sql`${ASKED} WHERE k.tenant_id = ${tenantId}::uuid AND k.state = 'connected' AND ${which}`,
  );
  return row ?? null;
}

/** All connections of the firm that may be asked. */
export const listAskable = (tx: Tx, { tenantId }: Ctx): Promise<Askable[]> =>
  tx.$queryRaw<Askable[]>(Prisma.sql`${ASKED} WHERE k.tenant_id = ${tenantId}::uuid AND k.state = 'connected'`);
