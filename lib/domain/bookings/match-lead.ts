import { CLOSED_STATUSES, type LeadStatus } from "@/lib/core/lead-status";
import { fold } from "@/lib/core/text";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { contactIndex } from "../leads/contacts";
import type { SeenBooking } from "./seen-booking";

/** A lead that has a contact of the person. */
export type Candidate = {
  id: string;
  status: LeadStatus;
  firstName: string | null;
  lastName: string | null;
  firstSeenAt: Date;
  /** It has the e-mail address that the person gave; the phone number. */
  sharesEmail: boolean;
  sharesPhone: boolean;
  /** It has an e-mail address at all. */
  hasEmail: boolean;
};

type Person = SeenBooking["person"];
type Name = Pick<Candidate, "firstName" | "lastName">;

const isOpen = ({ status }: Candidate) => !CLOSED_STATUSES.includes(status);
const folded = (name: string | null) => fold(name ?? "");
const isAlike = (a: string | null, b: string | null) => folded(a) !== "" && folded(a) === folded(b);
const isNamesake = (a: Name, b: Name) =>
  folded(a.firstName) === folded(b.firstName) && folded(a.lastName) === folded(b.lastName);

/** A phone belongs to a household, an e-mail address to one of them. */
const contactRank = ({ sharesEmail, sharesPhone }: Candidate) => (sharesEmail ? 2 : 0) + (sharesPhone ? 1 : 0);

function nameRank({ firstName, lastName }: Candidate, person: Person): number {
  if (!isAlike(lastName, person.lastName)) return 0;
  return isAlike(firstName, person.firstName) ? 2 : 1;
}

/** Only the phone is the same, and both the first name and the e-mail address are others: somebody else of the household. */
const isSomebodyElse = ({ sharesEmail, hasEmail, firstName }: Candidate, person: Person): boolean =>
  !sharesEmail &&
  hasEmail &&
  person.email !== null &&
  folded(firstName) !== "" &&
  folded(person.firstName) !== "" &&
  !isAlike(firstName, person.firstName);

/**
 * Of several leads with the person's contacts, the one that the booking is of: the same e-mail address and phone number first, then the e-mail address, then the
 * phone number; then the same name, then the same last name; then one that is still worked on, then the newest. Null without candidates, and when the best two
 * are different people: nobody knows then whose it is. Pure.
 */
export function bestMatch(candidates: readonly Candidate[], person: Person): Candidate | null {
  const rankOf = (each: Candidate) => contactRank(each) * 3 + nameRank(each, person);
  const possible = candidates.filter((each) => !isSomebodyElse(each, person));
  const [best = null, ...rest] = possible.toSorted(
    (a, b) =>
      rankOf(b) - rankOf(a) ||
      Number(isOpen(b)) - Number(isOpen(a)) ||
      b.firstSeenAt.getTime() - a.firstSeenAt.getTime() ||
      (a.id < b.id ? 1 : -1),
  );
  if (best === null) return null;
  const isTied = rest.some((other) => rankOf(other) === rankOf(best) && !isNamesake(other, best));
  return isTied ? null : best;
}

/** The lead of whom the person's phone number or e-mail address is, or null. A name alone is no match: two people have the same one. */
export async function matchLead(tx: Tx, { tenantId }: Ctx, person: Person): Promise<string | null> {
  const email = person.email === null ? null : contactIndex(tenantId, "email", person.email);
  const phone = person.phone === null ? null : contactIndex(tenantId, "phone", person.phone);
  const indexes = [email, phone].filter((index) => index !== null);
  if (indexes.length === 0) return null;
  const candidates = await tx.$queryRaw<Candidate[]>(Prisma.sql`
    SELECT l.id, l.status, l.first_name AS "firstName", l.last_name AS "lastName", l.first_seen_at AS "firstSeenAt",
      coalesce(bool_or(p.value_index = ${email}::text), false) AS "sharesEmail",
      coalesce(bool_or(p.value_index = ${phone}::text), false) AS "sharesPhone",
      EXISTS (SELECT FROM contact_point e WHERE e.tenant_id = l.tenant_id AND e.lead_id = l.id AND e.kind = 'email') AS "hasEmail"
    FROM contact_point p JOIN lead l ON l.tenant_id = p.tenant_id AND l.id = p.lead_id
    WHERE p.tenant_id = ${tenantId}::uuid AND p.value_index = ANY (${indexes})
    GROUP BY l.tenant_id, l.id LIMIT 1000`);
  return bestMatch(candidates, person)?.id ?? null;
}
