import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeStays, type Stay, secondsThere } from "@/lib/core/attendance";
import {
  type Holding,
  holdsLead,
  type Liveness,
  livenessOf,
  movesBetween,
  statusAfter,
} from "@/lib/core/consultation-status";
import { LEAD_STATUSES, type LeadStatus, STATUS_MOVES } from "@/lib/core/lead-status";

const status = fc.constantFrom(...LEAD_STATUSES);
const state = fc.constantFrom("scheduled", "canceled", "no_show");

/** One booking with everything that happened to it, in order: each of them may be looked at, or only the last. */
const history = fc.array(state, { minLength: 1, maxLength: 5 });

type Look = { booking: number; at: number };

/** Where the lead of these bookings ends when the looks come in this order; a look older than the stored one is dropped, as booking_look does. */
function endOf(
  start: LeadStatus,
  histories: readonly (readonly ("scheduled" | "canceled" | "no_show")[])[],
  looks: readonly Look[],
) {
  const stored = histories.map((): { at: number; is: Liveness } => ({ at: -1, is: null }));
  let lead = start;
  for (const { booking, at } of looks) {
    const held = stored[booking] as { at: number; is: Liveness };
    if (at < held.at) continue;
    const was = held.is;
    held.at = at;
    held.is = livenessOf(histories[booking]?.[at] ?? "scheduled");
    const hasOtherLive = stored.some((other) => other !== held && other.is === "live");
    lead = statusAfter(lead, { was, is: held.is, hasOtherLive });
  }
  return lead;
}

/** Where it has to end, said without any order. */
function expected(start: LeadStatus, last: readonly string[]): LeadStatus {
  if (start === "retained") return start;
  return last.includes("scheduled") ? "consultation" : "responded";
}

describe("the status of a lead with bookings", () => {
  // Seen red without: the detour through live of a booking that is over when it is first seen.
  it("is the same after 1,000 random orders, losses and repeats of what happened", () => {
    const world = fc.tuple(status, fc.array(history, { minLength: 1, maxLength: 3 })).chain(([start, histories]) => {
      const all = histories.flatMap((states, booking) => states.map((_, at) => ({ booking, at })));
      const last = histories.map((states, booking) => ({ booking, at: states.length - 1 }));
      const some = fc.tuple(fc.subarray(all), fc.subarray(all)).map((parts) => [...parts.flat(), ...last]);
      const shuffled = some.chain((looks) =>
        fc.shuffledSubarray(looks, { minLength: looks.length, maxLength: looks.length }),
      );
      return fc.record({ start: fc.constant(start), histories: fc.constant(histories), looks: shuffled });
    });
    fc.assert(
      fc.property(world, ({ start, histories, looks }) => {
        const last = histories.map((states) => states.at(-1) ?? "");
        expect(endOf(start, histories, looks)).toBe(expected(start, last));
      }),
      { numRuns: 1000 },
    );
  });

  it("does not change when a booking changes in anything but whether it takes place", () => {
    const liveness = fc.constantFrom<Liveness>("live", "over", null);
    fc.assert(
      fc.property(status, liveness, fc.boolean(), (lead, is, hasOtherLive) => {
        expect(statusAfter(lead, { was: is, is, hasOtherLive })).toBe(lead);
      }),
    );
  });

  it.each(["lost", "dismissed", "responded", "qualified"] as const)(
    "stays %s, where a person has put it since, when the booking is canceled",
    (lead) => {
      expect(statusAfter(lead, { was: "live", is: "over", hasOtherLive: false })).toBe(lead);
    },
  );

  it("stays closed when it was closed after the booking that is over when it is first seen, and no other is kept back by that", () => {
    const seen = { was: null, hasOtherLive: false, isDecidedSince: true } as const;
    expect(statusAfter("lost", { ...seen, is: "over" })).toBe("lost");
    expect(statusAfter("lost", { ...seen, is: "over", isDecidedSince: false })).toBe("responded");
    expect(statusAfter("lost", { ...seen, is: "live" })).toBe("consultation");
  });

  it.each<[string, boolean, Partial<Holding>]>([
    ["is still to end", true, { endsAt: new Date("2026-11-21T12:00:01Z") }],
    ["is still to end, whatever was said of it", true, { endsAt: new Date("2026-11-22"), attendance: "absent" }],
    ["was held and is not decided", true, {}],
    ["was held and is thought over", true, { outcome: "thinking", attendance: "attended" }],
    ["was declined", false, { outcome: "declined" }],
    ["was not attended", false, { attendance: "absent" }],
    ["was held thirty days ago", false, { endsAt: new Date("2026-10-22T12:00:00Z") }],
  ])("held by another booking that %s: %s", (_, holds, over) => {
    const held: Holding = { endsAt: new Date("2026-11-20"), outcome: null, attendance: "unknown", ...over };
    expect(holdsLead(held, new Date("2026-11-21T12:00:00Z"))).toBe(holds);
  });

  it("is reached by moves that the table allows, without one too many", () => {
    for (const from of LEAD_STATUSES) {
      for (const to of LEAD_STATUSES.filter((each) => each !== "new" || each === from)) {
        const moves = movesBetween(from, to);
        expect(moves.at(-1) ?? from).toBe(to);
        for (const [i, next] of moves.entries()) expect(STATUS_MOVES[moves[i - 1] ?? from]).toContain(next);
        expect(new Set([from, ...moves]).size).toBe(moves.length + 1);
      }
    }
    expect(movesBetween("lost", "consultation")).toEqual(["reviewed", "responded", "consultation"]);
  });
});

const START = Date.UTC(2026, 10, 21, 16);
const at = (seconds: number) => new Date(START + seconds * 1000);
const stay = fc.record({
  joinedAt: fc.integer({ min: 0, max: 3600 }).map(at),
  leftAt: fc.option(fc.integer({ min: 0, max: 3600 }).map(at), { nil: null }),
});
const stays = fc.array(stay, { maxLength: 8 });
const until = fc.integer({ min: 0, max: 4000 }).map(at);

/** Counted the slow way: the seconds in which at least one stay goes on. */
function slowly(list: readonly Stay[], end: Date): number {
  let seconds = 0;
  for (let s = 0; s < 4000; s++) {
    const now = START + s * 1000;
    if (list.some(({ joinedAt, leftAt }) => joinedAt.getTime() <= now && now < (leftAt ?? end).getTime())) seconds += 1;
  }
  return seconds;
}

describe("who was in a meeting for how long", () => {
  // Seen red without: the merging of stays that overlap.
  it("counts every second once, whoever came in again or was there with two devices", () => {
    fc.assert(
      fc.property(stays, until, (list, end) => {
        expect(secondsThere(list, end)).toBe(slowly(list, end));
      }),
      { numRuns: 300 },
    );
  });

  it("does not depend on the order of the reports, nor on how often they came", () => {
    fc.assert(
      fc.property(stays, until, (list, end) => {
        expect(mergeStays([...list, ...list].toReversed(), end)).toEqual(mergeStays(list, end));
      }),
    );
  });

  it("is never more than from the first coming in to the last going out", () => {
    fc.assert(
      fc.property(stays, until, (list, end) => {
        const spans = mergeStays(list, end);
        const [first, last] = [spans[0], spans.at(-1)];
        const whole = first && last ? (last.to - first.from) / 1000 : 0;
        expect(secondsThere(list, end)).toBeLessThanOrEqual(whole);
      }),
    );
  });
});
