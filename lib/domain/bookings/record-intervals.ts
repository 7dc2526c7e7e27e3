import { newId } from "@/lib/core/ids";
import { evenSpaces } from "@/lib/core/person-name";
import { blindIndex, decryptField, encryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inTenant } from "../context/in-tenant";
import { getConsultationRow } from "./consultation-row";

/** One stay of somebody in the meeting of a consultation, as the meeting's service tells it. */
export type SeenStay = {
  /** Which of the meeting's occurrences. */
  occurrence: string;
  /** Whatever tells the person from others there; kept as a keyed digest only. */
  personKey: string;
  name: string;
  isHost: boolean;
  joinedAt: Date;
  /** Null while they are there. */
  leftAt: Date | null;
};

/** A stay as it is stored. */
export type StayRow = { personKey: string; name: string; isHost: boolean; joinedAt: Date; leftAt: Date | null };

const NAME = 200;
const placeOf = (tenantId: string, rowId: string) =>
  ({ tenantId, table: "attendance_interval", column: "name_cipher", rowId }) as const;

const later = (a: Date | null, b: Date | null): Date | null => (a && b ? (a > b ? a : b) : (a ?? b));

/** Each stay once; of two reports of it the later leaving. */
function eachOnce(stays: readonly SeenStay[]): SeenStay[] {
  const byKey = new Map<string, SeenStay>();
  for (const stay of stays) {
    const key = `${stay.occurrence}|${stay.personKey}|${stay.joinedAt.getTime()}`;
    const same = byKey.get(key);
    byKey.set(key, same ? { ...same, leftAt: later(same.leftAt, stay.leftAt) } : stay);
  }
  return [...byKey.values()];
}

/**
 * Keeps who was in the meeting of a consultation, and when. Whatever was kept is not written again; a later report completes a stay that was still going on.
 * The order of the reports makes no difference. @throws AppError `not_found`
 */
export async function recordIntervals(ctx: Ctx, consultationId: string, stays: readonly SeenStay[]): Promise<void> {
  const { tenantId } = ctx;
  const rows = eachOnce(stays).map((stay) => {
    const id = newId();
    const name = evenSpaces(stay.name.toWellFormed()).slice(0, NAME).toWellFormed();
    return {
      id,
      occurrence: stay.occurrence,
      person_key: blindIndex(stay.personKey, { tenantId, purpose: "attendance" }),
      name_cipher: encryptField(name, placeOf(tenantId, id)),
      is_host: stay.isHost,
      joined_at: stay.joinedAt.toISOString(),
      left_at: stay.leftAt?.toISOString() ?? null,
    };
  });
  await inTenant(ctx, async (tx) => {
    const { id, leadId } = await getConsultationRow(tx, ctx, consultationId);
    if (rows.length === 0) return;
    await tx.$executeRaw(Prisma.sql`
      INSERT INTO attendance_interval
        (tenant_id, id, consultation_id, lead_id, occurrence, person_key, name_cipher, is_host, joined_at, left_at)
      SELECT ${tenantId}::uuid, r.id, ${id}::uuid, ${leadId}::uuid, r.occurrence, r.person_key, r.name_cipher, r.is_host, r.joined_at, r.left_at
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, occurrence text, person_key text, name_cipher text,
        is_host boolean, joined_at timestamptz, left_at timestamptz)
      ON CONFLICT (tenant_id, consultation_id, occurrence, person_key, joined_at) DO UPDATE
        SET left_at = greatest(attendance_interval.left_at, excluded.left_at)
        WHERE excluded.left_at > attendance_interval.left_at OR (attendance_interval.left_at IS NULL AND excluded.left_at IS NOT NULL)`);
  });
}

/** The stays of a consultation, the first to come in first. */
export async function listStays(tx: Tx, { tenantId }: Ctx, consultationId: string): Promise<StayRow[]> {
  const rows = await tx.attendanceInterval.findMany({
    where: { tenantId, consultationId },
    orderBy: [{ joinedAt: "asc" }, { id: "asc" }],
    take: 2000,
  });
  return rows.map(({ id, nameCipher, personKey, isHost, joinedAt, leftAt }) => {
    return { personKey, name: decryptField(nameCipher, placeOf(tenantId, id)), isHost, joinedAt, leftAt };
  });
}
