import { decryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { contactPlace } from "../leads/contacts";
import type { ConsultationRow } from "./consultation-row";
import { GIVEN } from "./keep-contacts";
import { contactIndexesOf } from "./tidy-booking";

type Booked = Pick<ConsultationRow, "leadId" | "contentHash">;

/**
 * The e-mail address that the person gave when they booked this very consultation; null without one. Another address of the lead, such as one that a source posted,
 * may belong to somebody else, who must not learn of it.
 */
export async function findBookerEmail(tx: Tx, { tenantId }: Ctx, booked: Booked): Promise<string | null> {
  const indexes = contactIndexesOf(booked.contentHash);
  if (indexes.length === 0) return null;
  const [row] = await tx.$queryRaw<{ id: string; cipher: string }[]>(Prisma.sql`
    SELECT id, value_cipher AS cipher FROM contact_point
    WHERE tenant_id = ${tenantId}::uuid AND lead_id = ${booked.leadId}::uuid AND kind = 'email' AND origin = 'firm'
      AND given_by = ${GIVEN.givenBy} AND value_index = ANY (${indexes}) LIMIT 1`);
  return row ? decryptField(row.cipher, contactPlace(tenantId, row.id)) : null;
}
