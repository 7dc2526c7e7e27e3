import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  baseAfterLook,
  baseAfterPush,
  type FieldBase,
  isToPush,
  type MergeRule,
  meetField,
  mergeField,
} from "@/lib/core/merge-fields";

const value = fc.constantFrom("a", "b", "c", null);
const rule = fc.constantFrom<MergeRule>("ours", "theirs", "newest");
const moment = fc.option(
  fc.integer({ min: 0, max: 5 }).map((at) => new Date(at * 1000)),
  { nil: null },
);
const base = fc.option(fc.record({ pushed: value, seen: value }), { nil: undefined });
const sides = fc.record({ base, ours: value, theirs: value, rule, oursAt: moment, theirsAt: moment });

/** One field on two sides, with everything that can happen to it. `refuses`: a value that our side cannot take. */
class Field {
  base: FieldBase | undefined;
  ours: string | null = "a";
  theirs: string | null = null;
  oursAt: Date | null = null;
  theirsAt: Date | null = null;
  pushes = 0;
  #now = 0;
  constructor(
    readonly rule: MergeRule,
    readonly refuses: string | null,
  ) {}

  write(side: "ours" | "theirs", to: string | null): void {
    this.#now += 1;
    this[side] = to;
    this[`${side}At`] = new Date(this.#now * 1000);
  }
  look(): "none" | "ours" | "theirs" {
    const verdict = mergeField(this);
    const isTaken = verdict.take === "theirs" && this.theirs !== this.refuses;
    this.base = baseAfterLook(this, verdict, isTaken);
    if (isTaken) this.ours = this.theirs;
    return verdict.take;
  }
  /** As a push does: it looks first, then writes what was not given before. */
  push(): void {
    if (this.base !== undefined) this.look();
    if (!isToPush(this.base, this.ours)) return;
    this.pushes += 1;
    this.theirs = this.ours;
    this.base = baseAfterPush(this.ours);
  }
}

type Step = { do: "ours" | "theirs"; to: string | null } | { do: "look" | "push" };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("ours" as const, "theirs" as const), to: value }),
  fc.record({ do: fc.constantFrom("look" as const, "push" as const) }),
);
const play = (field: Field, steps: readonly Step[]) => {
  for (const each of steps) {
    if (each.do === "look") field.look();
    else if (each.do === "push") field.push();
    else if ("to" in each) field.write(each.do, each.to);
  }
};

describe("merging a field", () => {
  it("gives whoever changed nothing the other's change, whatever the rule", () => {
    const at = { oursAt: new Date(9), theirsAt: new Date(1) };
    for (const each of ["ours", "theirs", "newest"] as const) {
      const agreed = { base: { pushed: "a", seen: "a" }, rule: each, ...at };
      expect(mergeField({ ...agreed, ours: "b", theirs: "a" })).toEqual({ take: "ours", isConflict: false });
      expect(mergeField({ ...agreed, ours: "a", theirs: "b" })).toEqual({ take: "theirs", isConflict: false });
    }
  });

  it("follows the rule when both changed, and the later of two times where the newer one counts; ours when nobody knows", () => {
    const both = { base: { pushed: "a", seen: "a" }, ours: "b", theirs: "c" };
    const of = (each: MergeRule, oursAt: number | null, theirsAt: number | null) =>
      mergeField({
        ...both,
        rule: each,
        oursAt: oursAt === null ? null : new Date(oursAt),
        theirsAt: theirsAt === null ? null : new Date(theirsAt),
      });
    expect(of("ours", 1, 2)).toEqual({ take: "ours", isConflict: true });
    expect(of("theirs", 2, 1)).toEqual({ take: "theirs", isConflict: true });
    expect(of("newest", 1, 2).take).toBe("theirs");
    expect(of("newest", 2, 1).take).toBe("ours");
    expect(of("newest", null, null).take).toBe("ours");
    expect(of("newest", null, 1).take).toBe("theirs");
  });

  it("is no conflict when both sides changed it to the same, and never when only one did", () => {
    fc.assert(
      fc.property(sides, (each) => {
        const { take, isConflict } = mergeField(each);
        if (each.ours === each.theirs) expect(take).toBe("none");
        if (each.base && (each.ours === each.base.pushed || each.theirs === each.base.seen))
          expect(isConflict).toBe(false);
      }),
    );
  });

  it("says nothing a second time: a look after a look changes nothing", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), rule, value, (steps, of, refuses) => {
        const field = new Field(of, refuses);
        play(field, steps);
        field.look();
        const { ours, theirs } = field;
        const first = field.base;
        const again = field.look();
        // What ours won is still to be given to them; nothing else is left to say.
        expect(again === "none" || (again === "ours" && isToPush(first, ours))).toBe(true);
        expect([field.ours, field.theirs]).toEqual([ours, theirs]);
      }),
    );
  });

  it("comes to rest: after a push and a look nothing is written any more, and both sides hold the same unless one could not take it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), rule, value, (steps, of, refuses) => {
        const field = new Field(of, refuses);
        field.push();
        play(field, steps);
        field.push();
        field.look();
        const { pushes } = field;
        for (let round = 0; round < 3; round += 1) {
          field.push();
          field.look();
        }
        expect(field.pushes).toBe(pushes);
        if (field.ours !== field.theirs) expect(field.theirs).toBe(refuses);
      }),
      { numRuns: 500 },
    );
  });

  it("takes a change of theirs whether the look or the push comes first", () => {
    fc.assert(
      fc.property(value, value, rule, (ours, theirs, of) => {
        const ended = (["look", "push"] as const).map((first) => {
          const field = new Field(of, "never");
          field.push();
          field.write("ours", ours);
          field.write("theirs", theirs);
          play(field, first === "look" ? [{ do: "look" }, { do: "push" }] : [{ do: "push" }, { do: "look" }]);
          return [field.ours, field.theirs];
        });
        expect(ended[0]).toEqual(ended[1]);
      }),
    );
  });
});

describe("two that meet for the first time", () => {
  it("never empty one another, and let the rule decide only where both have a value", () => {
    fc.assert(
      fc.property(value, value, rule, (ours, theirs, of) => {
        const { take, isConflict } = meetField({ ours, theirs, rule: of });
        const isBoth = ours !== null && theirs !== null && ours !== theirs;
        expect(isConflict).toBe(isBoth);
        if (ours === theirs) expect(take).toBe("none");
        else if (isBoth) expect(take).toBe(of === "ours" ? "ours" : "theirs");
        else expect(take).toBe(ours === null ? "theirs" : "ours");
      }),
    );
  });
});
