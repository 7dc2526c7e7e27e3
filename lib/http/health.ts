import { HealthDetails, HealthDto } from "@/lib/contracts/health";
import { newId } from "@/lib/core/ids";
import { listSourceHealth } from "@/lib/domain/tenants/source-health";
import { isDatabaseUp, readMigrations, readQueues } from "@/lib/platform/health";
import { assertOperator } from "./operator";
import { problemResponse } from "./problem";
import { respond, toResponse } from "./respond";

/** Public: whether this server can work, in one word. */
export async function healthRoute(): Promise<Response> {
  const isUp = await isDatabaseUp();
  const reply = respond(isUp ? 200 : 503, HealthDto, { status: isUp ? "ok" : "unavailable" });
  return toResponse(isUp ? reply : { ...reply, headers: { "retry-after": "2" } }, newId());
}

/** For operators, who show `OPERATOR_TOKEN`: database, migrations, queues, and the last run of each source. */
export async function healthDetailsRoute(request: Request): Promise<Response> {
  const requestId = newId();
  try {
    assertOperator(request);
    const isUp = await isDatabaseUp();
    if (!isUp) return toResponse(respond(503, HealthDetails, { ...NOTHING, status: "unavailable" }), requestId);
    const [migrations, queues, sources] = await Promise.all([readMigrations(), readQueues(), listSourceHealth()]);
    const details = { status: "ok" as const, database: { isUp }, migrations, queues, sources: sources.map(toWire) };
    return toResponse(respond(200, HealthDetails, details), requestId);
  } catch (error) {
    return problemResponse(error, { requestId, method: request.method, route: "/api/health/details" });
  }
}

const NOTHING = { database: { isUp: false }, migrations: null, queues: [], sources: [] };

const toWire = (source: Awaited<ReturnType<typeof listSourceHealth>>[number]) => ({
  ...source,
  startedAt: source.startedAt.toISOString(),
  finishedAt: source.finishedAt?.toISOString() ?? null,
  lastGoodAt: source.lastGoodAt?.toISOString() ?? null,
});
