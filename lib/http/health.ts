import { HealthDetails, HealthDto } from "@/lib/contracts/health";
import { JOBS_PER_FIRM } from "@/lib/contracts/jobs";
import { AUDIT_ALARM_KINDS } from "@/lib/core/audit-alarm";
import { systemClock } from "@/lib/core/clock";
import { type AuditAlarm, listAuditAlarms } from "@/lib/domain/events/audit-alarms";
import { listSourceHealth } from "@/lib/domain/tenants/source-health";
import { RELEASE } from "@/lib/platform/env";
import { isDatabaseUp, readMigrations, readQueues } from "@/lib/platform/health";
import { giveBackRate, requireRate } from "@/lib/platform/rate-limit";
import { clientAddress } from "./client-address";
import { isLeaving } from "./drain";
import { findSite, nothingHere } from "./firm-gate";
import { assertOperator } from "./operator";
import { problemResponse } from "./problem";
import { lined } from "./request-line";
import { respond, toResponse } from "./respond";

/** Public: whether this server can work, in one word, and its release. */
export const healthRoute = (request: Request): Promise<Response> => lined(request, ({ at }) => health(at.requestId));

async function health(requestId: string): Promise<Response> {
  const isUp = !isLeaving() && (await isDatabaseUp());
  const status = isLeaving() ? "draining" : isUp ? "ok" : "unavailable";
  const reply = respond(isUp ? 200 : 503, HealthDto, { status, ...(RELEASE ? { release: RELEASE } : {}) });
  return toResponse(isUp ? reply : { ...reply, headers: { "retry-after": "2" } }, requestId);
}

/**
 * For operators, who show `OPERATOR_TOKEN` on our own address; wrong ones count towards the limit of the operator's page. Database, migrations, queues, alarms of the audit trails, and the last run of each
 * source.
 */
export const healthDetailsRoute = (request: Request): Promise<Response> =>
  lined(request, ({ at }) => details(request, at.requestId).catch((error: unknown) => problemResponse(error, at)));

async function details(request: Request, requestId: string): Promise<Response> {
  if ((await findSite(request.headers)).kind !== "apex") throw nothingHere();
  const isUp = await isDatabaseUp();
  // Counted before the token is looked at. While the database is away there is nothing to count in, and nothing to show but that.
  const address = clientAddress(request.headers);
  if (isUp) await requireRate("operator.address", address);
  assertOperator(request);
  if (isUp) await giveBackRate("operator.address", address);
  if (!isUp) return toResponse(respond(503, HealthDetails, { ...NOTHING, status: "unavailable" }), requestId);
  const [migrations, alarms, queues, sources] = await Promise.all([
    readMigrations(),
    listAuditAlarms(systemClock.now()),
    readQueues(JOBS_PER_FIRM),
    listSourceHealth(),
  ]);
  const audit = countAlarms(alarms);
  const details = {
    status: "ok" as const,
    database: { isUp },
    migrations,
    audit,
    queues,
    sources: sources.map(toWire),
  };
  return toResponse(respond(200, HealthDetails, details), requestId);
}

const NOTHING = { database: { isUp: false }, migrations: null, audit: null, queues: [], sources: [] };

function countAlarms(alarms: readonly AuditAlarm[]): NonNullable<HealthDetails["audit"]> {
  const ofKind = (kind: AuditAlarm["kind"]) => alarms.filter((alarm) => alarm.kind === kind).length;
  const counts = Object.fromEntries(AUDIT_ALARM_KINDS.map((kind) => [kind, ofKind(kind)])) as Record<
    AuditAlarm["kind"],
    number
  >;
  const [oldest] = alarms.map(({ since }) => since).toSorted((a, b) => a.getTime() - b.getTime());
  return { alarms: alarms.length, ...counts, since: oldest?.toISOString() ?? null };
}

const toWire = (source: Awaited<ReturnType<typeof listSourceHealth>>[number]) => ({
  ...source,
  startedAt: source.startedAt.toISOString(),
  finishedAt: source.finishedAt?.toISOString() ?? null,
  lastGoodAt: source.lastGoodAt?.toISOString() ?? null,
});
