import { describe, expect, it } from "vitest";
import type { LeadDto, BailTape as Tape } from "@/lib/contracts/leads";
import { BailCell } from "@/lib/ui/bail-cell";
import { bailChanges, tapeSegments } from "@/lib/ui/bail-changes";
import { BailTape } from "@/lib/ui/bail-tape";
import { ChargesTable } from "@/lib/ui/charges-table";
import { markupOf, textOf } from "./render";
import { NOW, noBail, sampleCharge } from "./sample-lead";

const cell = (bail: Partial<LeadDto["bail"]>, chargeCount = 1) =>
  textOf(<BailCell bail={{ ...noBail, ...bail }} chargeCount={chargeCount} />);

describe("bail in one line", () => {
  it("keeps the type of a $0 bond", () =>
    expect(cell({ totalCents: 0, bonds: 1, type: "personal" })).toBe("personal $0"));
  it("says that a form is blank", () => expect(cell({ blankCount: 1, type: "blank" })).toBe("Blank on form"));
  it("says denied in a word, with what the other charges show", () => {
    expect(cell({ deniedCount: 1, type: "denied" })).toBe("Denied");
    expect(cell({ deniedCount: 1, totalCents: 1_000_000, bonds: 1 }, 2)).toBe("+ $10,000 Denied");
  });
  it("says not set in words, for one of several charges too", () => {
    expect(cell({ notSetCount: 1, type: "not_set" })).toBe("Not set");
    expect(cell({ notSetCount: 1, totalCents: 500_000, bonds: 1 }, 2)).toBe("1 of 2 Not set");
  });
  it("says of a total how many bonds it sums", () =>
    expect(cell({ totalCents: 2_750_000, bonds: 3 }, 3)).toBe("3 bonds $27,500"));
  it("says when only some charges show an amount", () =>
    expect(cell({ totalCents: 500_000, bonds: 1, blankCount: 1 }, 2)).toBe("1 of 2 $5,000"));
  it("reads a change aloud, not only struck and in colour", () => {
    expect(cell({ totalCents: 750_000, bonds: 1, previousTotalCents: 2_000_000 })).toBe(
      "was $20,000 lowered to $7,500",
    );
    expect(cell({ totalCents: 2_550_000, bonds: 4, previousTotalCents: 1_800_000 }, 4)).toBe(
      "4 bonds raised to $25,500",
    );
  });
});

describe("charges", () => {
  it("calls the total a sum of bonds, not one bond, and leaves denied out of it", () => {
    const charges = [
      sampleCharge(),
      sampleCharge({ ordinal: 2, bailCents: 300_000, causeNumber: "C-1-CR-26-201234" }),
      sampleCharge({ ordinal: 3, bailType: "denied", bailCents: null }),
      sampleCharge({ ordinal: 4, bailType: "blank", bailCents: null }),
    ];
    const text = textOf(<ChargesTable charges={charges} />);
    expect(text).toContain("Total a sum of two bonds, not one bond $10,500");
    expect(text).toContain("Denied");
    expect(text.match(/Blank on form/g)).toHaveLength(4);
  });

  it("shows the words of the form when they say more than the kind", () => {
    expect(
      textOf(<ChargesTable charges={[sampleCharge({ bailType: "unknown", bailTypePrinted: "Cash 10% Deposit" })]} />),
    ).toContain("Cash 10% Deposit");
  });
});

const surety = (bailCents: number, changed = false) => ({ bailType: "surety" as const, bailCents, changed });
const column = (number: number, sinceLastVisit = false) => ({
  number,
  observedAt: `2026-03-11T${10 + number}:00:00Z`,
  sinceLastVisit,
});
const tape: Tape = {
  columns: [column(1), column(2), column(4, true)],
  rows: [
    { offense: "DWI", cells: [surety(1_500_000), surety(500_000, true), surety(500_000)] },
    { offense: "Theft", cells: [null, { bailType: "denied", bailCents: null, changed: true }, surety(750_000, true)] },
    {
      offense: "Trespass",
      cells: [
        { bailType: "not_set", bailCents: null, changed: false },
        { bailType: "personal", bailCents: 0, changed: true },
        null,
      ],
    },
  ],
};

describe("the bail movement tape", () => {
  it("cuts a lane only where something changed, and loses no column", () => {
    for (const { cells } of tape.rows) {
      expect(tapeSegments(cells).reduce((sum, { span }) => sum + span, 0)).toBe(cells.length);
    }
    expect(tapeSegments(tape.rows[0]?.cells ?? []).map(({ from, span }) => [from, span])).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it("says every change in words, newest first, with its observation", () => {
    expect(
      bailChanges(tape).map(
        ({ offense, what, before, after, observation }) => `#${observation} ${offense}: ${what}, ${before} to ${after}`,
      ),
    ).toEqual([
      "#4 Theft: bail set, Denied to $7,500 surety",
      "#4 Trespass: charge removed, $0 personal to No longer on form",
      "#2 DWI: bail lowered, $15,000 to $5,000",
      "#2 Theft: charge added, Not on form to Bail denied",
      "#2 Trespass: bail set, Not set to $0 personal",
    ]);
  });

  it("is a table that says its roles, a total per observation, and what is new since the last visit", () => {
    const node = <BailTape tape={tape} timeZone="America/Chicago" now={NOW} />;
    const text = textOf(node);
    expect(markupOf(node)).toContain('role="rowheader"');
    expect(text).toContain("Total of amounts $15,000 + 1 not set $5,000 + 1 denied $12,500");
    expect(text).toContain("$7,500 surety , changed since your last visit");
    expect(text).toContain("first seen");
    expect(text).toContain("4th, current");
  });
});
