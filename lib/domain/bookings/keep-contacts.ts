import { decryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { addContact } from "../enrichment/contacts";
import { recordEvent } from "../events/record-events";
import { refreshContactStates } from "../leads/contact-state";
import { type ContactKind, type ContactRow, contactPlace } from "../leads/contacts";
import { requestLookups } from "../leads/request-lookups";
import type { ConsultationRow } from "./consultation-row";
import { contactIndexesOf } from "./tidy-booking";

/** How it is recorded that we may hold a contact that came with a booking. */
export const GIVEN = { givenBy: "Booked a consultation", basis: "person_contacted_firm" } as const;

type Given = { kind: ContactKind; value: string | null };

/** Who books a consultation gives the firm their contacts. What is in a hurry is checked at once, what is not in its turn. */
export async function keepContacts(
  tx: Tx,
  ctx: Ctx,
  leadId: string,
  given: readonly Given[],
  { hurry }: { hurry: boolean },
): Promise<void> {
  const contactIds: string[] = [];
  for (const { kind, value } of given) {
    if (value === null) continue;
    const contact = await addContact({ ...ctx, tx }, leadId, { ...GIVEN, kind, value, check: false });
    contactIds.push(contact.id);
  }
  if (contactIds.length > 0) await requestLookups(tx, ctx, [leadId], { contactIds, hurry });
}

type Moved = Pick<ConsultationRow, "id" | "contentHash"> & { fromLeadId: string; toLeadId: string };

/**
 * Takes the contacts that a booking brought to the lead that it belongs to: the wrong one keeps only what somebody else gave as well, a source or another booking.
 * Both leads are held by the caller.
 */
export async function moveContacts(tx: Tx, ctx: Ctx, { id, contentHash, fromLeadId, toLeadId }: Moved): Promise<void> {
  const { tenantId } = ctx;
  const indexes = contactIndexesOf(contentHash);
  if (indexes.length === 0) return;
  const rows = await tx.$queryRaw<ContactRow[]>(Prisma.sql`
    SELECT id, kind, origin, value_cipher, value_index, given_by, basis, created_at FROM contact_point
    WHERE tenant_id = ${tenantId}::uuid AND lead_id = ${fromLeadId}::uuid AND value_index = ANY (${indexes}) FOR UPDATE`);
  const given = rows.map((row) => ({
    kind: row.kind,
    value: decryptField(row.value_cipher, contactPlace(tenantId, row.id)),
  }));
  await keepContacts(tx, ctx, toLeadId, given, { hurry: true });
  const others = await tx.consultation.findMany({
    where: { tenantId, leadId: fromLeadId, origin: "acuity", id: { not: id } },
    select: { contentHash: true },
  });
  const stillGiven = new Set(others.flatMap((other) => contactIndexesOf(other.contentHash)));
  const taken = rows.filter((row) => row.given_by === GIVEN.givenBy && !stillGiven.has(row.value_index));
  for (const row of taken) await takeAway(tx, ctx, fromLeadId, row);
  await refreshContactStates(tx, ctx, [fromLeadId]);
}

/** A contact that a source posted is the source's still; only the firm's word for it goes. */
async function takeAway(tx: Tx, ctx: Ctx, leadId: string, { id, kind, origin }: ContactRow): Promise<void> {
  const where = { tenantId_id: { tenantId: ctx.tenantId, id } };
  if (origin === "firm") {
    await tx.contactPoint.delete({ where, select: { id: true } });
    await recordEvent(tx, ctx, { type: "contact.removed", leadId, data: { contactId: id, kind } });
    return;
  }
  const data = { givenBy: null, basis: null, updatedAt: ctx.clock.now() };
  await tx.contactPoint.update({ where, data, select: { id: true } });
  const fields = ["givenBy", "basis"];
  await recordEvent(tx, ctx, { type: "contact.corrected", leadId, data: { contactId: id, kind, fields } });
}
