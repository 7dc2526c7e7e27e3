import type { ConnectionMode, ConnectionProblem, ConnectorName } from "@/lib/core/connectors";
import { CONNECTORS } from "@/lib/core/connectors";
import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";

/** A connection as its row has it; no secret is in it. */
export type ConnectionRow = {
  id: string;
  provider: ConnectorName;
  mode: ConnectionMode;
  state: "connected" | "broken";
  accountId: string;
  accountLabel: string;
  scopes: string[];
  settings: Record<string, string>;
  connectedBy: string;
  connectedAt: Date;
  lastOkAt: Date | null;
  problem: ConnectionProblem | null;
  problemAt: Date | null;
  quotaLeft: number | null;
  quotaAt: Date | null;
  accessExpiresAt: Date | null;
};

const COLUMNS = {
  id: true,
  provider: true,
  mode: true,
  state: true,
  accountId: true,
  accountLabel: true,
  scopes: true,
  settings: true,
  connectedBy: true,
  connectedAt: true,
  lastOkAt: true,
  problem: true,
  problemAt: true,
  quotaLeft: true,
  quotaAt: true,
  accessExpiresAt: true,
} as const;

/** The firm's connection to a service, also a broken one; null when there is none. */
export async function findConnection(tx: Tx, ctx: Ctx, provider: ConnectorName): Promise<ConnectionRow | null> {
  const where = { tenantId_provider: { tenantId: ctx.tenantId, provider } };
  const row = await tx.connection.findUnique({ where, select: COLUMNS });
  return row && toRow(row);
}

/** Every connection of the firm. */
export async function findConnections(tx: Tx, ctx: Ctx): Promise<ConnectionRow[]> {
  const rows = await tx.connection.findMany({ where: { tenantId: ctx.tenantId }, select: COLUMNS });
  return rows.map(toRow);
}

type Found = NonNullable<Awaited<ReturnType<Tx["connection"]["findFirst"]>>>;

// The database checks provider, mode and state; settings are written by this folder alone.
const toRow = (row: Pick<Found, keyof typeof COLUMNS>): ConnectionRow => ({
  ...row,
  provider: row.provider as ConnectorName,
  mode: row.mode as ConnectionMode,
  state: row.state as ConnectionRow["state"],
  problem: row.problem as ConnectionProblem | null,
  settings: row.settings as Record<string, string>,
  quotaLeft: row.quotaLeft === null ? null : Number(row.quotaLeft),
});

/** The refusal of what needs a service that is not connected, or not any more. */
export const notConnected = (provider: ConnectorName, cause?: unknown): AppError =>
  new AppError("not_configured", `${CONNECTORS[provider].label} is not connected. Connect it in the settings.`, {
    cause,
  });

/**
 * The same firm, with the house as who acts: for tokens that are renewed on the way to something else. Whoever asked for that has no fresh factor to show, and
 * it was not they who renewed. No transaction is carried along: what comes next may speak to a stranger.
 */
export const asHouse = ({ tenantId, requestId, clock }: Ctx): Ctx => ({
  tenantId,
  requestId,
  clock,
  actor: { type: "service", id: "connections" },
});
