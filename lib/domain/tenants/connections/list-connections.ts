import type { ConnectionDto, ConnectionList } from "@/lib/contracts/connections";
import { CONNECTOR_NAMES, CONNECTORS, type ConnectionMode, type ConnectorName } from "@/lib/core/connectors";
import { AppError } from "@/lib/core/errors";
import { hasOAuthApp } from "@/lib/integrations/oauth-providers";
import type { Tx } from "@/lib/platform/db";
import { env } from "@/lib/platform/env";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { requirePermission } from "../../context/permissions";
import { type ConnectionRow, findConnection, findConnections } from "./connections";

/** Of what a connection remembers, what a person chose or may want to know. */
const SHOWN = ["calendarId", "invitesAttendees", "dataCenter", "hostId", "timeZone"] as const;

/** Every service there is, with the firm's connection to it. Needs `connections:manage`. */
export async function listConnections(ctx: Ctx): Promise<ConnectionList> {
  requirePermission(ctx, "connections:manage");
  return inTenant(ctx, async (tx) => {
    const connections = await toDtos(tx, ctx, await findConnections(tx, ctx));
    return {
      services: CONNECTOR_NAMES.map((provider) => ({
        provider,
        modes: possibleModes(provider),
        connection: connections.find((each) => each.provider === provider) ?? null,
      })),
    };
  });
}

/** The firm's connection to a service, as it is shown. @throws AppError `not_found` */
export async function getConnection(ctx: Ctx, provider: ConnectorName): Promise<ConnectionDto> {
  requirePermission(ctx, "connections:manage");
  return inTenant(ctx, async (tx) => {
    const row = await findConnection(tx, ctx, provider);
    const [dto] = row ? await toDtos(tx, ctx, [row]) : [];
    if (!dto) throw new AppError("not_found", `${CONNECTORS[provider].label} is not connected.`);
    return dto;
  });
}

/** Without a client of this installation at the service nobody can say yes there. */
const possibleModes = (provider: ConnectorName): ConnectionMode[] =>
  CONNECTORS[provider].modes.filter((mode) => mode !== "oauth" || hasOAuthApp(provider));

async function toDtos(tx: Tx, { tenantId }: Ctx, rows: readonly ConnectionRow[]): Promise<ConnectionDto[]> {
  const ids = rows.map(({ id }) => id);
  const users = await tx.user.findMany({
    where: { tenantId, id: { in: rows.map(({ connectedBy }) => connectedBy) } },
    select: { id: true, name: true },
  });
  const cursors = await tx.syncCursor.findMany({
    where: { tenantId, connectionId: { in: ids } },
    orderBy: { resource: "asc" },
  });
  const reports = await tx.driftReport.findMany({ where: { tenantId, connectionId: { in: ids } } });
  return rows.map((row) => ({
    ...facts(row),
    connectedBy: users.find(({ id }) => id === row.connectedBy)?.name ?? "somebody who has left",
    sync: cursors
      .filter(({ connectionId }) => connectionId === row.id)
      .map(({ resource, phase, done, total, finishedAt, nextRunAt, problem }) => ({
        resource,
        phase: phase as "backfill" | "incremental",
        done,
        total,
        finishedAt: finishedAt?.toISOString() ?? null,
        nextRunAt: nextRunAt.toISOString(),
        problem,
      })),
    drift: driftOf(reports.find(({ connectionId }) => connectionId === row.id)),
  }));
}

function facts(row: ConnectionRow) {
  const { id, provider, mode, state, accountLabel: account, scopes, problem, quotaLeft, settings } = row;
  return {
    id,
    provider,
    mode,
    state,
    account,
    scopes,
    connectedAt: row.connectedAt.toISOString(),
    lastOkAt: row.lastOkAt?.toISOString() ?? null,
    problem,
    problemAt: row.problemAt?.toISOString() ?? null,
    quotaLeft,
    quotaAt: row.quotaAt?.toISOString() ?? null,
    webhookUrl: webhookUrlOf(row),
    settings: Object.fromEntries(
      SHOWN.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]])),
    ),
  };
}

/** An app of the firm's own tells of its meetings only at an address that the firm enters there. */
const webhookUrlOf = ({ id, provider, mode }: ConnectionRow): string | null =>
  provider === "zoom" && mode === "server_to_server"
    ? new URL(`/api/webhooks/zoom/${id}`, env().APP_BASE_URL).href
    : null;

type Report = Awaited<ReturnType<Tx["driftReport"]["findMany"]>>[number];

function driftOf(report: Report | undefined): ConnectionDto["drift"] {
  if (!report) return null;
  const { checkedAt, ours, theirs, onlyOurs, onlyTheirs, different, items } = report;
  return {
    checkedAt: checkedAt.toISOString(),
    ours,
    theirs,
    onlyOurs,
    onlyTheirs,
    different,
    items: items as NonNullable<ConnectionDto["drift"]>["items"],
  };
}
