import { describe, expect, it } from "vitest";
import { bestMatch, type Candidate } from "@/lib/domain/bookings/match-lead";

const FATHER = { firstName: "Miguel", lastName: "Núñez", email: "miguel@person.example", phone: "+15125550142" };

let count = 0;
function lead(over: Partial<Candidate> = {}): Candidate {
  count += 1;
  return {
    id: `lead-${count}`,
    status: "new",
    firstName: "Mateo",
    lastName: "Nunez",
    firstSeenAt: new Date(Date.UTC(2026, 10, 1, 0, count)),
    sharesEmail: false,
    sharesPhone: true,
    hasEmail: false,
    ...over,
  };
}
/** Whichever comes first from the database. */
const matchOf = (...candidates: Candidate[]) => {
  const [one, other] = [candidates, candidates.toReversed()].map((each) => bestMatch(each, FATHER)?.id ?? null);
  expect(one).toBe(other);
  return one;
};

describe("the lead that a booking is of", () => {
  // Seen red without: the rank of the contacts
  it("is the one with the e-mail address and the phone, then with the e-mail address, then with the phone, whatever its name", () => {
    const both = lead({ sharesEmail: true, hasEmail: true, status: "lost", lastName: "Other" });
    const email = lead({ sharesEmail: true, sharesPhone: false, hasEmail: true, lastName: "Other" });
    const phone = lead({ firstName: "Miguel" });
    expect(matchOf(both, email, phone)).toBe(both.id);
    expect(matchOf(email, phone)).toBe(email.id);
    expect(matchOf(phone)).toBe(phone.id);
  });

  // Seen red without: the comparison of the first name
  it("is the one of the same name before the one of the same last name, also when that is newer and worked on", () => {
    const own = lead({ firstName: "MIGUEL", status: "dismissed" });
    expect(matchOf(own, lead())).toBe(own.id);
    const kin = lead();
    expect(matchOf(kin, lead({ lastName: "Other" }))).toBe(kin.id);
  });

  it("is of several of one person the one still worked on, then the newest", () => {
    const [old, closed] = [lead(), lead({ status: "lost" })];
    expect(matchOf(old, closed)).toBe(old.id);
    const newest = lead();
    expect(matchOf(old, closed, newest)).toBe(newest.id);
  });

  // Seen red without: isSomebodyElse
  it("is none when only the phone is the same, and the first name and the e-mail address are others", () => {
    expect(matchOf(lead({ hasEmail: true }))).toBeNull();
    const named = lead({ firstName: "Miguel", hasEmail: true });
    expect(matchOf(named)).toBe(named.id);
    const silent = lead({ hasEmail: false });
    expect(matchOf(silent)).toBe(silent.id);
    const nameless = lead({ firstName: null, hasEmail: true });
    expect(matchOf(nameless)).toBe(nameless.id);
  });

  // Seen red without: isTied
  it("is none when two different people have as much of it", () => {
    expect(matchOf(lead(), lead({ firstName: "Marco", status: "lost" }))).toBeNull();
    expect(matchOf(lead({ lastName: "Other" }), lead({ lastName: "Third" }))).toBeNull();
  });

  it("is none without a contact in common", () => {
    expect(bestMatch([], FATHER)).toBeNull();
  });
});
