import { newId } from "@/lib/core/ids";
import { decryptField, encryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";

/** What a person said about a lead: why it was moved, or a remark of any length. Sealed, and erased with the lead; history keeps its id only. */
export type NewNote = { id: string; kind: "reason" | "note"; text: string };

const placeOf = (tenantId: string, rowId: string) =>
  ({ tenantId, table: "lead_note", column: "text_cipher", rowId }) as const;

/** A note to be written, or null when nothing was said. */
export const noteOf = (kind: NewNote["kind"], text: string | undefined): NewNote | null =>
  text === undefined ? null : { id: newId(), kind, text };

/** The INSERT of notes, for a statement of the caller's own (`WITH noted AS (...)`), as `insertOfEvents` is. */
export function insertOfNotes({ tenantId, clock }: Ctx, leadId: string, notes: readonly NewNote[]): Prisma.Sql {
  const rows = notes.map(({ id, kind, text }) => ({
    id,
    kind,
    text_cipher: encryptField(text, placeOf(tenantId, id)),
  }));
  return Prisma.sql`
    INSERT INTO lead_note (tenant_id, id, lead_id, kind, text_cipher, created_at)
    SELECT ${tenantId}::uuid, r.id, ${leadId}::uuid, r.kind, r.text_cipher, ${clock.now()}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, kind text, text_cipher text)`;
}

/** The notes of a lead in the clear, by id. */
export async function findNotes(tx: Tx, { tenantId }: Ctx, leadId: string): Promise<Map<string, string>> {
  const rows = await tx.leadNote.findMany({ where: { tenantId, leadId }, select: { id: true, textCipher: true } });
  return new Map(rows.map(({ id, textCipher }) => [id, decryptField(textCipher, placeOf(tenantId, id))]));
}
