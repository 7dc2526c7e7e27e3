import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { inTenant } from "@/lib/domain/context/in-tenant";
import { eventHash, FIRST_LINK, type SealableEvent, sealableColumns } from "@/lib/domain/events/chain";
import { recordEvents } from "@/lib/domain/events/record-events";
import { sealEvents } from "@/lib/domain/events/seal-events";
import { Prisma } from "@/lib/platform/db";
import { asSuperuser } from "../jobs/superuser";
import { asOwner, type TestFirm } from "../setup/firms";

export type Seal = { sequence: number; event_id: string; hash: string };

/** Records events of a firm, each of its own words. */
export const record = (firm: TestFirm, count: number, clock = systemClock): Promise<void> =>
  inTenant(firm.asService(), (tx) =>
    recordEvents(
      tx,
      firm.asService(clock),
      Array.from({ length: count }, (_, index) => ({
        type: "lead.rescored" as const,
        leadId: newId(),
        data: { from: index, to: index + 1, band: "warm" },
      })),
    ),
  );

/** Rows of one statement: sealing in every other test file waits for a transaction that is under way. */
const PORTION = 10_000;

/**
 * Fills a firm with invented events by set-based statements as the superuser: two years of a busy firm, of common and rare types, by a scraper's key, jobs
 * and some people. The figures follow the row number, so that every run has the same rows. `actors` are four ids, the first one rare.
 */
export async function fillWithEvents(
  adminUrl: string,
  tenantId: string,
  count: number,
  actors: readonly string[] = ["a", "b", "c", "d"],
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (let from = 1; from <= count; from += PORTION)
      await client.query(
        `INSERT INTO event (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at)
       SELECT $1, gen_random_uuid(),
         CASE WHEN i % 4000 = 0 THEN 'user.invited' WHEN i % 500 = 0 THEN 'auth.signed_in' WHEN i % 40 = 0 THEN 'lead.exported'
              WHEN i % 40 = 1 THEN 'contact.added' WHEN i % 40 = 21 THEN 'contact.removed'
              WHEN i % 10 < 4 THEN 'lead.viewed' ELSE 'lead.rescored' END,
         CASE WHEN i % 10 < 9 THEN ('00000000-0000-7000-8000-' || lpad((i % 5000)::text, 12, '0'))::uuid END,
         CASE WHEN i % 10 < 6 THEN 'job' ELSE 'user' END, ($3::text[])[1 + CASE WHEN i % 7001 = 0 THEN 0 ELSE 1 + i % 3 END], 'r' || i, '{}',
         timestamptz '2026-11-20T12:00:00Z' - i * interval '5 minutes'
       FROM generate_series($4::int, $2::int) AS i`,
        [tenantId, Math.min(count, from + PORTION - 1), actors, from],
      );
    await client.query("VACUUM (ANALYZE) event");
  } finally {
    await client.end();
  }
}

/** The firm's seals in order. */
export const sealsOf = (firm: TestFirm): Promise<Seal[]> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query<Seal>(
      "SELECT sequence::int AS sequence, event_id, hash FROM event_seal ORDER BY sequence",
    );
    return rows;
  });

/**
 * Seals until so many events have their seal. Other test files share the server, and a transaction of theirs that is under way can hold sealing up
 * for a moment, as it may in life.
 */
export async function sealUntil(firm: TestFirm, count: number, clock = systemClock): Promise<Seal[]> {
  for (;;) {
    const seals = await sealsOf(firm);
    if (seals.length >= count) return seals;
    if ((await sealEvents(firm.asService(clock))) === 0) await delay(20);
  }
}

/** What an intruder with the disk in hand could do: as superuser, with every trigger off. */
export const tamper = (sql: string, values: unknown[] = []) => asSuperuser((client) => client.query(sql, values));

/** What an intruder with the disk and the keys could do: writes the chain anew from a place on, every hash right. */
export async function forge(firm: TestFirm, from: number): Promise<void> {
  const ctx = firm.asService();
  const seals = await sealsOf(firm);
  let previous = seals[from - 2]?.hash ?? FIRST_LINK;
  for (const { sequence, event_id } of seals.slice(from - 1)) {
    const [event] = await inTenant(ctx, (tx) =>
      tx.$queryRaw<SealableEvent[]>(Prisma.sql`SELECT ${sealableColumns} FROM event WHERE id = ${event_id}::uuid`),
    );
    if (!event) throw new Error("the event is gone");
    previous = eventHash({ previous, sequence, tenantId: ctx.tenantId, event });
    await tamper("UPDATE event_seal SET hash = $3 WHERE tenant_id = $1 AND sequence = $2", [
      firm.id,
      sequence,
      previous,
    ]);
  }
}

/** Some hash that is none of the chain's. */
export const otherHash = (text: string): string => createHash("sha256").update(text).digest("hex");
