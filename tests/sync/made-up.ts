import { afterAll } from "vitest";
import type { JobType } from "@/lib/contracts/jobs";
import type { Clock } from "@/lib/core/clock";
import type { ConnectorName } from "@/lib/core/connectors";
import { newId } from "@/lib/core/ids";
import { type Ctx, provenTenant } from "@/lib/domain/context/ctx";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import type { SyncProvider } from "@/lib/domain/sync/sync-provider";
import { closeDatabase, type Tx } from "@/lib/platform/db";
import { closeQueue } from "@/lib/platform/queue";
import { asOwner, type TestFirm } from "../setup/firms";

afterAll(async () => {
  await closeQueue();
  await closeDatabase();
});

export const EVERY_MS = 15 * 60_000;
export const AT = "2026-11-20T15:00:00.000Z";

/** The context of a job for a firm, at the clock of the test. */
export const jobCtxOf = (firm: TestFirm, clock: Clock): Ctx => ({
  tenantId: provenTenant(firm.id),
  actor: { type: "job", id: "test" },
  requestId: newId(),
  clock,
});

/** A service with numbered items that are read in pages. Where it stands in a portion, a test can stop it, or let it fail. */
export function madeUpService(count: number, { pageSize = 3 } = {}) {
  const service = {
    calls: 0,
    callTimes: [] as number[],
    items: Array.from({ length: count }, (_, index) => `item-${index}`),
    failure: null as Error | null,
    /** Called at each point of a portion; what it throws in the transaction undoes it. */
    at: async (_point: Point): Promise<void> => {},
    fetch(ctx: Ctx, from: number): string[] {
      service.calls += 1;
      service.callTimes.push(ctx.clock.now().getTime());
      if (service.failure) throw service.failure;
      return service.items.slice(from, from + pageSize);
    },
  };
  return service;
}
export type Service = ReturnType<typeof madeUpService>;

export const POINTS = ["asked", "answered", "stored", "advanced", "committed"] as const;
export type Point = (typeof POINTS)[number];

/** A provider made in the test: what it reads, it stores as busy times, which are unique per item. */
export function madeUpProvider(
  service: Service,
  {
    name = "google",
    resources = ["events"],
    ...rest
  }: { name?: ConnectorName; resources?: string[] } & Partial<Omit<SyncProvider, "name" | "resources">> = {},
): SyncProvider {
  return {
    name,
    resources: resources.map((resource) => ({
      name: resource,
      everyMs: EVERY_MS,
      pull: async (ctx, turn) => {
        const from = Number(turn.position?.next ?? 0);
        await service.at("asked");
        const page = service.fetch(ctx, from);
        await service.at("answered");
        const next = from + page.length;
        const isDone = next >= service.items.length;
        await inTenant(ctx, async (tx) => {
          for (const item of page) await storeItem(tx, ctx, turn.connectionId, `${resource}:${item}`);
          await service.at("stored");
          const progress = { done: next, total: service.items.length };
          await turn.advance(tx, { position: { next: isDone ? 0 : next }, isDone, progress });
          await service.at("advanced");
        });
        await service.at("committed");
      },
    })),
    compare: async () => ({ ours: 0, theirs: 0, onlyOurs: 0, onlyTheirs: 0, different: 0, items: [] }),
    ...rest,
  };
}

async function storeItem(tx: Tx, ctx: Ctx, connectionId: string, externalId: string): Promise<void> {
  const at = ctx.clock.now();
  const row = { id: newId(), externalId, startsAt: at, endsAt: at, isAllDay: false };
  await tx.busyTime.createMany({ data: [{ tenantId: ctx.tenantId, connectionId, ...row }], skipDuplicates: true });
}

/** Connects a firm, as the row would be after connecting. */
export const connect = async (
  firm: TestFirm,
  provider: ConnectorName = "google",
  accountId = "account",
): Promise<string> => {
  const id = newId();
  await asOwner(firm.id, (client) =>
    client.query(
      `INSERT INTO connection (tenant_id, id, provider, mode, state, account_id, account_label, connected_by, connected_at)
       VALUES ($1, $2, $3, 'oauth', 'connected', $4, 'Account', $5, $6)`,
      [firm.id, id, provider, accountId, firm.user.id, AT],
    ),
  );
  return id;
};

export const storedItems = (firm: TestFirm): Promise<string[]> =>
  rows<{ external_id: string }>(firm, "SELECT external_id FROM busy_time ORDER BY external_id").then((found) =>
    found.map((row) => row.external_id),
  );

export type CursorSeen = {
  id: string;
  resource: string;
  phase: string;
  position: unknown;
  done: number;
  total: number | null;
  next_run_at: Date;
  claimed_until: Date | null;
  attempts: number;
  problem: string | null;
};
export const cursorsOf = (firm: TestFirm): Promise<CursorSeen[]> =>
  rows<CursorSeen>(firm, "SELECT * FROM sync_cursor ORDER BY resource");

/** The jobs of a type that wait for a firm, without those that a test has taken. */
export const jobsOf = (firm: TestFirm, type: JobType): Promise<{ data: Record<string, string>; start_after: Date }[]> =>
  rows(
    firm,
    `SELECT data, start_after FROM pgboss.job WHERE name = '${type}' AND data->>'tenantId' = '${firm.id}' AND state < 'active' ORDER BY start_after`,
  );

/** Takes every job of a type away, as a runner would; a test can then see which are new. */
export const takeJobs = (firm: TestFirm, type: JobType): Promise<{ data: Record<string, string> }[]> =>
  rows(firm, `DELETE FROM pgboss.job WHERE name = '${type}' AND data->>'tenantId' = '${firm.id}' RETURNING data`);

export const rows = <R>(firm: TestFirm, sql: string, values: unknown[] = []): Promise<R[]> =>
  asOwner(firm.id, async (client) => (await client.query(sql, values)).rows as R[]);

/** A consultation of a lead of its own, as if it had been booked. */
export async function bookedConsultation(
  firm: TestFirm,
  startsAt = "2026-11-25T16:00:00.000Z",
): Promise<{ consultationId: string; leadId: string }> {
  const report = await ingestLeads(firm.asKey(), {
    source: "api",
    leads: [
      {
        sourceId: newId(),
        name: { full: "FICTUS, ROWAN" },
        county: "Travis",
        charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
      },
    ],
  });
  const leadId = report.results[0]?.leadId as string;
  const consultationId = newId();
  await rows(
    firm,
    `INSERT INTO consultation (tenant_id, id, lead_id, origin, source_id, state, starts_at, ends_at, time_zone, kind, booked_at, content_hash,
       created_at, updated_at)
     VALUES ($1, $2::uuid, $3, 'firm', $2::uuid::text, 'scheduled', $4::timestamptz, $4::timestamptz + interval '30 min', 'America/Chicago', 'Consultation', $5, 'x', $5, $5)`,
    [firm.id, consultationId, leadId, startsAt, AT],
  );
  return { consultationId, leadId };
}
