import type { AddContact, ContactDto, CorrectContact } from "@/lib/contracts/leads";
import { normalizeEmail } from "@/lib/core/email";
import { AppError } from "@/lib/core/errors";
import { isId, newId } from "@/lib/core/ids";
import { normalizePhone } from "@/lib/core/phone";
import { encryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { mayDo, requirePermission } from "../context/permissions";
import { recordEvent } from "../events/record-events";
import { refreshContactStates } from "../leads/contact-state";
import { type ContactKind, type ContactRow, contactIndex, contactPlace, listContacts } from "../leads/contacts";
import { inScope } from "../leads/in-scope";
import { requestLookups } from "../leads/request-lookups";

const notFound = (what: "lead" | "contact") => new AppError("not_found", `No such ${what}.`);

/** The value as it is stored and compared. */
function normalize(kind: ContactKind, value: string): string {
  const normal = kind === "phone" ? normalizePhone(value) : normalizeEmail(value);
  if (normal !== null) return normal;
  const reason = kind === "phone" ? "is no phone number" : "is no e-mail address";
  throw new AppError("unprocessable", `The value ${reason}.`, { invalidParams: [{ name: "value", reason }] });
}

/** Locks the lead, so that two people who edit its contacts take turns. */
async function requireLead(tx: Tx, ctx: Ctx, leadId: string): Promise<void> {
  if (!isId(leadId)) throw notFound("lead");
  const found = await tx.$executeRaw(Prisma.sql`
    SELECT 1 FROM lead
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${leadId}::uuid AND ${inScope(ctx)} FOR NO KEY UPDATE`);
  if (found === 0) throw notFound("lead");
}

const contactColumns = Prisma.sql`id, kind, origin, value_cipher, value_index, given_by, basis, created_at`;

async function findByValue(tx: Tx, { tenantId }: Ctx, leadId: string, kind: string, index: string) {
  const rows = await tx.$queryRaw<ContactRow[]>(Prisma.sql`
    SELECT ${contactColumns} FROM contact_point WHERE tenant_id = ${tenantId}::uuid AND lead_id = ${leadId}::uuid
      AND kind = ${kind} AND value_index = ${index}`);
  return rows[0] ?? null;
}

async function requireOwnContact(tx: Tx, { tenantId }: Ctx, leadId: string, id: string): Promise<ContactRow> {
  if (!isId(id)) throw notFound("contact");
  const [row] = await tx.$queryRaw<ContactRow[]>(Prisma.sql`
    SELECT ${contactColumns} FROM contact_point
    WHERE tenant_id = ${tenantId}::uuid AND lead_id = ${leadId}::uuid AND id = ${id}::uuid FOR UPDATE`);
  if (!row) throw notFound("contact");
  if (row.origin === "source") {
    throw new AppError(
      "conflict",
      "This contact belongs to the source and is kept as it was posted. Add your own beside it.",
    );
  }
  return row;
}

/** One contact of a lead as it stands now, with its check. */
async function getContact(tx: Tx, ctx: Ctx, leadId: string, id: string): Promise<ContactDto> {
  const contact = (await listContacts(tx, ctx, leadId)).find((each) => each.id === id);
  if (!contact) throw notFound("contact");
  return contact;
}

/** Asks for a look-up of one contact when the caller wants it and may. */
async function checkIfWanted(tx: Tx, ctx: Ctx, leadId: string, contactId: string, check: boolean): Promise<void> {
  if (!check || !mayDo(ctx, "enrich:run")) return;
  await requestLookups(tx, ctx, [leadId], { contactIds: [contactId], hurry: true });
}

/**
 * Adds a phone number or e-mail address that the firm was given, with who gave it and why it may be held. The same value again changes nothing; a value
 * that the source posted too gets the firm's word for it. Needs `leads:write`; the look-up also `enrich:run`.
 * @throws AppError `not_found` (also for another firm's lead), `unprocessable` with `value` named.
 */
export async function addContact(ctx: Ctx, leadId: string, input: AddContact): Promise<ContactDto> {
  requirePermission(ctx, "leads:write");
  return inTenant(ctx, async (tx) => {
    await requireLead(tx, ctx, leadId);
    const value = normalize(input.kind, input.value);
    const index = contactIndex(ctx.tenantId, input.kind, value);
    const there = await findByValue(tx, ctx, leadId, input.kind, index);
    const id = there?.id ?? newId();
    if (!there) await insertContact(tx, ctx, { ...input, id, leadId, value, index });
    else if (there.origin === "source" && there.given_by === null) await vouchFor(tx, ctx, leadId, there, input);
    await refreshContactStates(tx, ctx, [leadId]);
    await checkIfWanted(tx, ctx, leadId, id, input.check);
    return getContact(tx, ctx, leadId, id);
  });
}

async function insertContact(
  tx: Tx,
  ctx: Ctx,
  input: AddContact & { id: string; leadId: string; index: string },
): Promise<void> {
  const { id, leadId, kind, basis } = input;
  const now = ctx.clock.now();
  const cipher = encryptField(input.value, contactPlace(ctx.tenantId, id));
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO contact_point (tenant_id, id, lead_id, kind, origin, value_cipher, value_index, given_by, basis,
      added_by_type, added_by_id, created_at, updated_at)
    VALUES (${ctx.tenantId}::uuid, ${id}::uuid, ${leadId}::uuid, ${kind}, 'firm', ${cipher}, ${input.index}, ${input.givenBy}, ${basis},
      ${ctx.actor.type}, ${ctx.actor.id}, ${now}, ${now})`);
  await recordEvent(tx, ctx, { type: "contact.added", leadId, data: { contactId: id, kind, origin: "firm", basis } });
}

/** The firm was given a contact that a source had posted: the value stays the source's, who gave it and why are the firm's. */
async function vouchFor(tx: Tx, ctx: Ctx, leadId: string, row: ContactRow, input: AddContact): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE contact_point SET given_by = ${input.givenBy}, basis = ${input.basis}, updated_at = ${ctx.clock.now()}
    WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${row.id}::uuid`);
  const data = { contactId: row.id, kind: row.kind, fields: ["givenBy", "basis"] };
  await recordEvent(tx, ctx, { type: "contact.corrected", leadId, data });
}

/**
 * Corrects a contact of the firm's own. A new value drops the checks of the old one and asks for its own; nothing new changes nothing. Needs
 * `leads:write`.
 * @throws AppError `not_found`, `conflict` for a contact of the source or a value the lead has already, `unprocessable`.
 */
export async function correctContact(
  ctx: Ctx,
  leadId: string,
  contactId: string,
  input: CorrectContact,
): Promise<ContactDto> {
  requirePermission(ctx, "leads:write");
  return inTenant(ctx, async (tx) => {
    await requireLead(tx, ctx, leadId);
    const before = await requireOwnContact(tx, ctx, leadId, contactId);
    const value = normalize(before.kind, input.value);
    const index = contactIndex(ctx.tenantId, before.kind, value);
    const givenBy = input.givenBy ?? before.given_by;
    const basis = input.basis ?? before.basis;
    const fields = [
      ...(index === before.value_index ? [] : ["value"]),
      ...(givenBy === before.given_by ? [] : ["givenBy"]),
      ...(basis === before.basis ? [] : ["basis"]),
    ];
    if (fields.length > 0) {
      if (fields.includes("value")) await dropOldValue(tx, ctx, leadId, before, index);
      const cipher = encryptField(value, contactPlace(ctx.tenantId, before.id));
      await tx.$executeRaw(Prisma.sql`
        UPDATE contact_point SET value_cipher = ${cipher}, value_index = ${index}, given_by = ${givenBy}, basis = ${basis},
          updated_at = ${ctx.clock.now()}
        WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${before.id}::uuid`);
      const data = { contactId: before.id, kind: before.kind, fields };
      await recordEvent(tx, ctx, { type: "contact.corrected", leadId, data });
    }
    await refreshContactStates(tx, ctx, [leadId]);
    await checkIfWanted(tx, ctx, leadId, before.id, input.check);
    return getContact(tx, ctx, leadId, before.id);
  });
}

async function dropOldValue(tx: Tx, ctx: Ctx, leadId: string, before: ContactRow, index: string): Promise<void> {
  if (await findByValue(tx, ctx, leadId, before.kind, index)) {
    throw new AppError("conflict", "This lead has that contact already.", {
      invalidParams: [{ name: "value", reason: "is on this lead already" }],
    });
  }
  // What was found out belongs to the old value: kept, it would speak for the new one.
  await tx.enrichment.deleteMany({ where: { tenantId: ctx.tenantId, contactId: before.id } });
}

/**
 * Erases a contact of the firm's own with everything found out about it. Only the fact that it was removed stays. Needs `leads:write`.
 * @throws AppError `not_found`, also when it is gone already; `conflict` for a contact of the source.
 */
export async function removeContact(ctx: Ctx, leadId: string, contactId: string): Promise<void> {
  requirePermission(ctx, "leads:write");
  await inTenant(ctx, async (tx) => {
    await requireLead(tx, ctx, leadId);
    const { id, kind } = await requireOwnContact(tx, ctx, leadId, contactId);
    await tx.contactPoint.delete({ where: { tenantId_id: { tenantId: ctx.tenantId, id } }, select: { id: true } });
    await recordEvent(tx, ctx, { type: "contact.removed", leadId, data: { contactId: id, kind } });
    await refreshContactStates(tx, ctx, [leadId]);
  });
}
