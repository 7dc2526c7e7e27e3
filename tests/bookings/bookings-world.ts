import type { Clock } from "@/lib/core/clock";
import type { SeenBooking } from "@/lib/domain/bookings/seen-booking";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { asOwner, type TestFirm } from "../setup/firms";

export const NOW = "2026-11-20T15:00:00.000Z";

let count = 0;

/** A booking as a look finds it: tomorrow at 16:00 UTC for half an hour, of a person nobody knows. */
export function seenBooking(over: Partial<SeenBooking> = {}): SeenBooking {
  count += 1;
  return {
    origin: "acuity",
    sourceId: String(700_000 + count),
    state: "scheduled",
    startsAt: new Date("2026-11-21T16:00:00Z"),
    endsAt: new Date("2026-11-21T16:30:00Z"),
    timeZone: "America/Chicago",
    kind: "Free consultation",
    calendarName: "Dana",
    location: null,
    joinUrl: null,
    priceCents: 0,
    isPaid: false,
    notes: null,
    bookedAt: new Date("2026-11-20T14:00:00Z"),
    person: { firstName: "Avery", lastName: "Sample", email: `avery-${count}@person.example`, phone: null },
    ...over,
  };
}

type NewLead = {
  sourceId?: string;
  last?: string;
  county?: string;
  contacts?: { kind: string; value: string }[];
  /** The machine's, unless given. */
  clock?: Clock;
};

/** A lead that a source posted; gives its id. */
export async function postLead(
  firm: TestFirm,
  { sourceId, last, county, contacts, clock }: NewLead = {},
): Promise<string> {
  count += 1;
  const lead = {
    sourceId: sourceId ?? `lead-${count}`,
    name: { first: "Rowan", last: last ?? "Fictus" },
    county: county ?? "Travis",
    charges: [{ offense: "DRIVING WHILE INTOXICATED" }],
    contacts: contacts ?? [],
  };
  const { results } = await ingestLeads(firm.asKey(undefined, clock), { source: "api", leads: [lead] });
  return results[0]?.leadId as string;
}

const select = <T>(firm: TestFirm, sql: string, values: unknown[] = []): Promise<T[]> =>
  asOwner(firm.id, async (client) => (await client.query(sql, values)).rows as T[]);

export const statusOf = async (firm: TestFirm, leadId: string): Promise<string> =>
  (await select<{ status: string }>(firm, "SELECT status FROM lead WHERE id = $1", [leadId]))[0]?.status as string;

export const setStatus = (firm: TestFirm, leadId: string, status: string) =>
  select(firm, "UPDATE lead SET status = $2 WHERE id = $1", [leadId, status]);

export type StoredLead = {
  id: string;
  source: string;
  source_id: string;
  name: string;
  county: string;
  status: string;
  search_text: string;
};
export const leadsOf = (firm: TestFirm) => select<StoredLead>(firm, "SELECT * FROM lead ORDER BY id");

/** A row of `consultation` as it lies there. */
export type Stored = {
  id: string;
  lead_id: string;
  state: string;
  version: number;
  attendance: string;
  outcome: string | null;
} & Record<string, unknown>;
export const consultationsOf = (firm: TestFirm) =>
  select<Stored>(firm, "SELECT * FROM consultation ORDER BY created_at, id");

/** How many jobs wait to bring other services up to date. */
export const mirrorJobs = async (firm: TestFirm): Promise<number> =>
  (
    await select<{ n: number }>(
      firm,
      "SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'sync.consultation' AND data->>'tenantId' = $1",
      [firm.id],
    )
  )[0]?.n ?? 0;
