import { CLOSED_STATUSES, type LeadStatus } from "@/lib/core/lead-status";
import { fold } from "@/lib/core/text";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { contactIndex } from "../leads/contacts";
import type { SeenBooking } from "./seen-booking";

/** A lead that has a contact of the person. */
export type Candidate = { id: string; status: LeadStatus; lastName: string | null; firstSeenAt: Date };

const isOpen = ({ status }: Candidate) => !CLOSED_STATUSES.includes(status);

/**
 * Of several leads with the person's contact, the one that the booking is of: the same last name first, then one that is still worked on, then the newest. Pure;
 * null without candidates.
 */
export function bestMatch(candidates: readonly Candidate[], lastName: string): Candidate | null {
  const name = fold(lastName);
  const isNamesake = (candidate: Candidate) => name !== "" && fold(candidate.lastName ?? "") === name;
  const [best = null] = candidates.toSorted(
    (a, b) =>
      Number(isNamesake(b)) - Number(isNamesake(a)) ||
      Number(isOpen(b)) - Number(isOpen(a)) ||
      b.firstSeenAt.getTime() - a.firstSeenAt.getTime() ||
      (a.id < b.id ? 1 : -1),
  );
  return best;
}

/** The lead whose phone number or e-mail address the person gave, or null. A name alone is no match: two people have the same one. */
export async function matchLead(
  tx: Tx,
  ctx: Ctx,
  { email, phone, lastName }: SeenBooking["person"],
): Promise<string | null> {
  const indexes = [
    ...(email === null ? [] : [contactIndex(ctx.tenantId, "email", email)]),
    ...(phone === null ? [] : [contactIndex(ctx.tenantId, "phone", phone)]),
  ];
  if (indexes.length === 0) return null;
  const candidates = await tx.$queryRaw<Candidate[]>(Prisma.sql`
    SELECT DISTINCT l.id, l.status, l.last_name AS "lastName", l.first_seen_at AS "firstSeenAt"
    FROM contact_point p JOIN lead l ON l.tenant_id = p.tenant_id AND l.id = p.lead_id
    WHERE p.tenant_id = ${ctx.tenantId}::uuid AND p.value_index = ANY (${indexes}) LIMIT 1000`);
  return bestMatch(candidates, lastName)?.id ?? null;
}
