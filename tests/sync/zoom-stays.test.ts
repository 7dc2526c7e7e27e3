import fc from "fast-check";
import { expect, it } from "vitest";
import type { SeenStay } from "@/lib/domain/bookings/record-intervals";
import type { Mark } from "@/lib/domain/sync/zoom/meeting-link";
import { hashOf, planOf, referenceIn } from "@/lib/domain/sync/zoom/meeting-plan";
import { joined, personOf, spansOf } from "@/lib/domain/sync/zoom/stays";

const MINUTE = 60_000;
const START = Date.parse("2026-11-20T16:00:00Z");
const ENDED = new Date(START + 90 * MINUTE).toISOString();
const iso = (minute: number) => new Date(START + minute * MINUTE);

/** Stays of some people as they went: each with its own number, never two of one number at a time. */
const stays = fc.array(
  fc.record({
    k: fc.constantFrom("rowan", "dana"),
    from: fc.integer({ min: 0, max: 60 }),
    minutes: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 8 },
);

it("counts the same stays from the same comings and goings, in a thousand orders and with repetitions", () => {
  const orders = stays.chain((list) => {
    const marks = list.flatMap(({ k, from, minutes }, index): Mark[] => {
      const stay = { k, c: String(index), h: false };
      return [
        { ...stay, j: START + from * MINUTE },
        { ...stay, l: START + (from + minutes) * MINUTE },
      ];
    });
    const twice = [...marks, ...marks.slice(0, 3)];
    return fc.tuple(fc.constant(list), fc.shuffledSubarray(twice, { minLength: twice.length }));
  });
  fc.assert(
    fc.property(orders, ([list, marks]) => {
      for (const person of ["rowan", "dana"]) {
        const right = list.filter(({ k }) => k === person).map(({ from, minutes }) => `${from}-${from + minutes}`);
        const counted = spansOf({ marks, endedAt: ENDED }, person).map(
          ({ joinedAt, leftAt }) => `${(+joinedAt - START) / MINUTE}-${((leftAt ? +leftAt : 0) - START) / MINUTE}`,
        );
        expect(counted.sort()).toEqual(right.sort());
      }
    }),
    { numRuns: 1000 },
  );
});

it("takes the next coming, or the end of the meeting, for a going that was lost; and nothing while the meeting goes on", () => {
  const stay = { k: "rowan", c: "1", h: false };
  const marks = [
    { ...stay, j: +iso(0) },
    { ...stay, j: +iso(10) },
  ];
  expect(spansOf({ marks, endedAt: ENDED }, "rowan")).toEqual([
    { joinedAt: iso(0), leftAt: iso(10) },
    { joinedAt: iso(10), leftAt: iso(90) },
  ]);
  expect(spansOf({ marks }, "rowan").at(-1)).toEqual({ joinedAt: iso(10), leftAt: null });
  expect(spansOf({ marks: [{ ...stay, l: +iso(5) }] }, "rowan")).toEqual([]);
});

it("tells people apart by the first that there is: registration, address, number, name", () => {
  const nobody = { registrantId: null, email: null, id: null, name: null };
  const rowan = { ...nobody, name: "Rowan  FÍCTUS" };
  expect(personOf(rowan)).toBe(personOf({ ...nobody, name: "rowan fictus" }));
  expect(personOf({ ...rowan, id: "u1" })).toBe(personOf({ ...nobody, id: "u1", name: "Another" }));
  expect(personOf({ ...rowan, id: "u1", email: "R@x.example" })).toBe(personOf({ ...nobody, email: "r@X.example" }));
  expect(personOf({ ...rowan, registrantId: "7", email: "a@x.example" })).toBe(
    personOf({ ...nobody, registrantId: "7" }),
  );
  expect(new Set([rowan, { ...rowan, id: "u1" }, nobody].map(personOf)).size).toBe(3);
});

it("makes stays of one person that overlap one, and keeps a coming back apart", () => {
  const stay = (from: number, to: number | null, personKey = "rowan"): SeenStay => ({
    occurrence: "x",
    personKey,
    name: "Rowan",
    isHost: false,
    joinedAt: iso(from),
    leftAt: to === null ? null : iso(to),
  });
  const merged = joined([stay(20, 25), stay(0, 10), stay(5, 15), stay(2, 3, "dana")]);
  expect(merged.map(({ personKey, joinedAt, leftAt }) => [personKey, joinedAt, leftAt])).toEqual([
    ["rowan", iso(0), iso(15)],
    ["rowan", iso(20), iso(25)],
    ["dana", iso(2), iso(3)],
  ]);
  expect(joined([stay(0, null), stay(5, 10)])).toMatchObject([{ leftAt: null }]);
});

it("says in a meeting who and when, with a reference that is found again and none that somebody else wrote", () => {
  const id = "0198c0de-0000-7000-8000-000000000001";
  const row = { id, startsAt: iso(0), endsAt: iso(45), timeZone: "America/Chicago" };
  expect(planOf(row, "DE LA CRUZ, ÁNGEL M JR")).toMatchObject({ topic: "Consultation: DE LA CRUZ, Á.", minutes: 45 });
  expect(planOf(row, "").topic).toBe("Consultation");
  expect(planOf(row, "x".repeat(500)).topic.length).toBe(200);
  expect(referenceIn(planOf(row, "Fictus").agenda)).toBe(id);
  for (const agenda of ["", "Consultation", `Lunch about ${id}`, "Consultation 123"])
    expect(referenceIn(agenda)).toBeNull();
  expect(hashOf(planOf(row, "Fictus"))).not.toBe(hashOf(planOf({ ...row, endsAt: iso(60) }, "Fictus")));
});
