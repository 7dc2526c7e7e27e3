import { afterAll, beforeAll, expect, it } from "vitest";
import type { IngestReport } from "@/lib/contracts/ingest";
import { addContact, removeContact } from "@/lib/domain/enrichment/contacts";
import { enrichLeads } from "@/lib/domain/enrichment/enrich-leads";
import { changeLeadStatus } from "@/lib/domain/leads/change-status";
import { ingestLeads } from "@/lib/domain/leads/ingest-leads";
import { rescoreDueLeads } from "@/lib/domain/leads/rescore";
import { closeDatabase, isDatabaseAway, tenantTransaction } from "@/lib/platform/db";
import { asOwner, makeFirm, type TestFirm } from "../setup/firms";
import { until } from "../setup/http";

// Ingest, look-ups, contacts, rescoring and status changes all write lead rows. They take them in one order, so none ends as a deadlock.

const COUNT = 120;
let firm: TestFirm;
beforeAll(async () => {
  firm = await makeFirm();
});
afterAll(closeDatabase);

const rows = (order: number[], bailCents: number) =>
  order.map((i) => ({
    sourceId: `s${i}`,
    name: { full: `FICTUS, ROWAN ${i}` },
    county: "Travis",
    charges: [{ offense: "THEFT", bailCents }],
    contacts: [{ kind: "email", value: `p${i % 7}@person.example` }],
  }));
const upwards = Array.from({ length: COUNT }, (_, i) => i);
const downwards = upwards.toReversed();
const post = (order: number[], bailCents: number): Promise<IngestReport> =>
  ingestLeads(firm.asKey(), { source: "api", leads: rows(order, bailCents) });

it("lets every writer of leads work at once, without a deadlock", async () => {
  // Posted backwards: the order in the table, of ids and of a batch are three different ones.
  const { results } = await post(downwards, 1);
  const ids = results.map(({ leadId }) => leadId as string);
  const user = firm.asUser();
  const failures: unknown[] = [];
  const attempt = (work: () => Promise<unknown>) => work().catch((error: unknown) => void failures.push(error));
  const rounds = (times: number, work: (round: number) => Promise<unknown>) =>
    (async () => {
      for (let i = 0; i < times; i++) await attempt(() => work(i));
    })();
  await Promise.all([
    rounds(6, (i) => post(i % 2 ? upwards : downwards, 100 + i)),
    rounds(6, (i) => enrichLeads(user, { leadIds: i % 2 ? ids : ids.toReversed() })),
    rounds(6, (i) => enrichLeads(user, { leadIds: i % 2 ? ids.toReversed() : ids })),
    rounds(6, async () => {
      await asOwner(firm.id, (client) =>
        client.query("UPDATE lead SET score_changes_at = now() WHERE source_id = 's3'"),
      );
      await rescoreDueLeads(user);
    }),
    rounds(20, (i) => changeLeadStatus(user, { leadId: ids[i % COUNT] as string, to: "reviewed" })),
    rounds(20, async (i) => {
      const leadId = ids[(i * 7) % COUNT] as string;
      const given = { kind: "phone", givenBy: "Test", basis: "referral", check: true } as const;
      const { id } = await addContact(user, leadId, { ...given, value: `512555${1000 + i}` });
      await removeContact(user, leadId, id);
    }),
  ]);
  expect(failures).toEqual([]);
}, 60_000);

it.each([
  ["a batch", () => post(upwards, 999)],
  ["a request for look-ups", (ids: string[]) => enrichLeads(firm.asUser(), { leadIds: ids.toReversed() })],
])("takes nothing behind the first lead while %s waits for that one", async (_what, write) => {
  const ids = (await post(downwards, 5)).results.map(({ leadId }) => leadId as string).sort();
  // Due again, so that the look-ups' own rows would be written too.
  await asOwner(firm.id, (client) =>
    client.query("UPDATE enrichment SET next_attempt_at = now() + interval '1 day' WHERE state = 'pending'"),
  );
  const waiting = Promise.withResolvers<unknown>();
  await tenantTransaction(firm.id, async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM lead WHERE id = ${ids[0]}::uuid FOR NO KEY UPDATE`;
    waiting.resolve(write(ids));
    await until("somebody waits for the lead", async () => {
      const [row] = await tx.$queryRaw<{ n: number }[]>`SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted`;
      return row && row.n > 0;
    });
    const held = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM lead WHERE tenant_id = ${firm.id}::uuid FOR NO KEY UPDATE NOWAIT`;
    expect(held).toHaveLength(COUNT);
    await tx.$queryRaw`SELECT 1 FROM enrichment WHERE tenant_id = ${firm.id}::uuid FOR UPDATE NOWAIT`;
  });
  await waiting.promise;
});

it("takes a deadlock, a full disk and a lost connection for a moment that passes", () => {
  for (const code of ["40P01", "40001", "53100", "53300", "57P01", "55P03", "08006", "25P03", "P2034"])
    expect(isDatabaseAway(Object.assign(new Error("x"), { code })), code).toBe(true);
  for (const code of ["22P02", "23505", "42601", "22021"])
    expect(isDatabaseAway(Object.assign(new Error("x"), { code })), code).toBe(false);
});
