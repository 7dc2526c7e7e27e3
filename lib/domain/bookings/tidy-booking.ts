import { normalizeEmail } from "@/lib/core/email";
import { isTimeZone } from "@/lib/core/local-time";
import { evenSpaces } from "@/lib/core/person-name";
import { normalizePhone } from "@/lib/core/phone";
import { blindIndex } from "@/lib/platform/crypto";
import { contactIndex } from "../leads/contacts";
import type { SeenBooking } from "./seen-booking";

const KIND = "Consultation";
const ZONE = "America/Chicago";
const MINUTE_MS = 60_000;
const LINE = 300;
const NOTES = 10_000;

const line = (value: string): string => evenSpaces(value.toWellFormed()).slice(0, LINE).toWellFormed();
const lineOrNull = (value: string | null): string | null => (value === null ? null : line(value) || null);

/** Several lines that Postgres can store; null when nothing is said. */
const lines = (value: string | null): string | null =>
  value?.replaceAll("\u0000", " ").slice(0, NOTES).toWellFormed().trim() || null;

/** A booking with nothing in it that cannot be stored or shown, and contacts as they are compared: null for what is no contact. Pure. */
export function tidyBooking(seen: SeenBooking): SeenBooking {
  const { startsAt, person } = seen;
  return {
    ...seen,
    endsAt: seen.endsAt > startsAt ? seen.endsAt : new Date(startsAt.getTime() + MINUTE_MS),
    timeZone: isTimeZone(seen.timeZone) ? seen.timeZone : ZONE,
    kind: line(seen.kind) || KIND,
    calendarName: lineOrNull(seen.calendarName),
    location: lineOrNull(seen.location),
    joinUrl: seen.joinUrl?.trim() || null,
    notes: lines(seen.notes),
    priceCents: seen.priceCents !== null && seen.priceCents >= 0 ? Math.round(seen.priceCents) : null,
    person: {
      firstName: line(person.firstName),
      lastName: line(person.lastName),
      email: person.email === null ? null : normalizeEmail(person.email),
      phone: person.phone === null ? null : normalizePhone(person.phone),
    },
  };
}

/**
 * Equal for two looks that say the same: of the person, and then of the booking. Keyed, because it says something of a person. Behind it stand the indexes of the
 * contacts that the person gave: `contactIndexesOf`.
 */
export function contentHashOf(tenantId: string, seen: SeenBooking): string {
  const { firstName, lastName, email, phone } = seen.person;
  const said = [
    seen.state,
    seen.startsAt.toISOString(),
    seen.endsAt.toISOString(),
    seen.timeZone,
    seen.kind,
    seen.calendarName,
    seen.location,
    seen.joinUrl,
    seen.priceCents,
    seen.isPaid,
    seen.notes,
    seen.bookedAt.toISOString(),
  ];
  const digestOf = (facts: readonly unknown[]) => blindIndex(JSON.stringify(facts), { tenantId, purpose: "booking" });
  const digests = [digestOf([firstName, lastName, email, phone]), digestOf(said)];
  if (email !== null) digests.push(contactIndex(tenantId, "email", email));
  if (phone !== null) digests.push(contactIndex(tenantId, "phone", phone));
  return digests.join(".");
}

/** What the contacts of the person who booked are found by, from the hash of the booking; none for one that came from nobody's form. */
export const contactIndexesOf = (contentHash: string): string[] => contentHash.split(".").slice(2);

/** True when two looks with these hashes found the same person, with the same contacts. */
export const isSamePerson = (a: string, b: string): boolean => a.split(".")[0] === b.split(".")[0];
