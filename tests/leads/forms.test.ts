import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLead } from "@/lib/contracts/ingest";
import { bailTape } from "@/lib/domain/leads/bail-tape";
import { diffLead } from "@/lib/domain/leads/diff-lead";
import { nextObserveAt, OBSERVE_AFTER_MS } from "@/lib/domain/leads/observe-schedule";
import { parseIngestRow } from "@/lib/domain/leads/parse-ingest-row";
import { contentHashOf, toSourceLead } from "@/lib/domain/leads/source-lead";

const where = { leadId: "l", batchId: "b", observedAt: "2026-11-20T12:00:00.000Z" };
const anyCharge = fc.record({
  offense: fc.constantFrom("DWI 2ND", "THEFT", "Theft", "ASSAULT"),
  bailType: fc.constantFrom("surety", "denied", "not_set", "Personal", undefined),
  bailCents: fc.option(fc.integer({ min: 0, max: 9_000_000 }), { nil: undefined }),
  causeNumber: fc.option(fc.constantFrom("C-1", "C-2"), { nil: undefined }),
});
const anyLead = fc
  .record({ charges: fc.array(anyCharge, { maxLength: 5 }), magistrate: fc.constantFrom("A", "B") })
  .map((over) =>
    toSourceLead({ sourceId: "1", name: { full: "FICTUS, ROWAN" }, county: "Travis", ...over } as IngestLead),
  );

describe("two looks at one form", () => {
  it("differ in content exactly when something a person cares about changed", () => {
    fc.assert(
      fc.property(anyLead, anyLead, (before, after) => {
        if (contentHashOf(before) === contentHashOf(after)) expect(diffLead(before, after, where)).toEqual([]);
      }),
    );
    fc.assert(fc.property(anyLead, (lead) => diffLead(lead, structuredClone(lead), where).length === 0));
  });

  it("say the same in any order of charges", () => {
    fc.assert(
      fc.property(
        anyLead,
        (lead) => contentHashOf(lead) === contentHashOf({ ...lead, charges: lead.charges.toReversed() }),
      ),
    );
  });

  it("tell two counts of one offense apart", () => {
    const one = toSourceLead({ sourceId: "1", name: { full: "A" }, county: "Travis", charges: [{ offense: "THEFT" }] });
    const two = { ...one, charges: [...one.charges, ...one.charges] };
    expect(diffLead(one, two, where).map((event) => event.type)).toEqual(["lead.charge_added"]);
  });
});

describe("bailTape", () => {
  it("ends with the bail on the form now, has a cell per row and column, and marks every change", () => {
    fc.assert(
      fc.property(fc.array(anyLead, { minLength: 1, maxLength: 6 }), (leads) => {
        const forms = leads.map((lead, i) => ({ observedAt: new Date(i * 1000), charges: lead.charges }));
        const { columns, rows } = bailTape(forms, null);
        expect(columns[0]?.number).toBe(1);
        for (const row of rows) expect(row.cells).toHaveLength(columns.length);
        const current = rows.map((row) => row.cells.at(-1)).filter((cell) => cell !== null);
        const bails = (list: { bailType: string; bailCents: number | null }[]) =>
          list.map((c) => `${c.bailType} ${c.bailCents}`).toSorted();
        const last = leads.at(-1)?.charges ?? [];
        expect(bails(current as never[])).toEqual(bails(last));
      }),
    );
  });
});

describe("a posted row", () => {
  it("is read or rejected with a field and a reason, whatever it is", () => {
    const at = { now: new Date("2026-11-20T12:00:00Z"), observedAt: new Date("2026-11-20T12:00:00Z") };
    fc.assert(
      fc.property(fc.anything(), (row) => {
        const parsed = parseIngestRow(row, 0, at);
        if (parsed.kind === "rejected") {
          expect(parsed.problem.field).not.toBe("");
          expect(parsed.problem.reason).not.toBe("");
        }
      }),
    );
  });
});

describe("the schedule of looks", () => {
  it("waits longer each time and never longer than a week", () => {
    const start = new Date(0);
    const waits = Array.from({ length: 12 }, (_, step) => nextObserveAt(start, step).getTime());
    expect(waits).toEqual([...OBSERVE_AFTER_MS, ...Array(4).fill(OBSERVE_AFTER_MS.at(-1))]);
  });
});
