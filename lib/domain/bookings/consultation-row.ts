import type { ConsultationDto } from "@/lib/contracts/consultations";
import type { ConsultationState } from "@/lib/core/consultation";
import { AppError } from "@/lib/core/errors";
import { isId } from "@/lib/core/ids";
import { decryptField, encryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../context/ctx";
import { inScope } from "../leads/in-scope";

/** A row of `consultation`. The join link and the notes are sealed: `openJoinUrl`, `openNotes`. */
export type ConsultationRow = {
  id: string;
  version: number;
  leadId: string;
  origin: ConsultationDto["origin"];
  sourceId: string;
  state: ConsultationState;
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
  kind: string;
  calendarName: string | null;
  location: string | null;
  joinUrlCipher: string | null;
  joinUrlFrom: ConsultationDto["joinUrlFrom"];
  notesCipher: string | null;
  priceCents: number | null;
  isPaid: boolean | null;
  bookedAt: Date;
  contentHash: string;
  outcome: ConsultationDto["outcome"];
  outcomeAt: Date | null;
  attendance: ConsultationDto["attendance"];
  attendanceFrom: ConsultationDto["attendanceFrom"];
  attendedSeconds: number | null;
  updatedAt: Date;
};

/** The columns of a ConsultationRow, for `SELECT ... FROM consultation c`. */
export const CONSULTATION_COLUMNS = Prisma.sql`c.id, c.version, c.lead_id AS "leadId", c.origin, c.source_id AS "sourceId", c.state,
  c.starts_at AS "startsAt", c.ends_at AS "endsAt", c.time_zone AS "timeZone", c.kind, c.calendar_name AS "calendarName", c.location,
  c.join_url_cipher AS "joinUrlCipher", c.join_url_from AS "joinUrlFrom", c.notes_cipher AS "notesCipher", c.price_cents AS "priceCents",
  c.is_paid AS "isPaid", c.booked_at AS "bookedAt", c.content_hash AS "contentHash", c.outcome, c.outcome_at AS "outcomeAt", c.attendance,
  c.attendance_from AS "attendanceFrom", c.attended_seconds AS "attendedSeconds", c.updated_at AS "updatedAt"`;

/** The lead of a consultation, when the actor may see it: for `FROM consultation c`. */
export const leadInScope = (ctx: Ctx): Prisma.Sql =>
  Prisma.sql`JOIN lead l ON l.tenant_id = c.tenant_id AND l.id = c.lead_id AND ${inScope(ctx)}`;

type SealedColumn = "join_url_cipher" | "notes_cipher";
const placeOf = (tenantId: string, column: SealedColumn, rowId: string) =>
  ({ tenantId, table: "consultation", column, rowId }) as const;

/** A value of a consultation as it is stored. */
export const sealIn = ({ tenantId }: Ctx, column: SealedColumn, rowId: string, value: string | null): string | null =>
  value === null ? null : encryptField(value, placeOf(tenantId, column, rowId));

const open = ({ tenantId }: Ctx, column: SealedColumn, rowId: string, cipher: string | null): string | null =>
  cipher === null ? null : decryptField(cipher, placeOf(tenantId, column, rowId));

/** Where to meet on video, in the clear; it lets whoever has it in. */
export const openJoinUrl = (ctx: Ctx, row: Pick<ConsultationRow, "id" | "joinUrlCipher">): string | null =>
  open(ctx, "join_url_cipher", row.id, row.joinUrlCipher);

/** What the person wrote when booking, in the clear. */
export const openNotes = (ctx: Ctx, row: Pick<ConsultationRow, "id" | "notesCipher">): string | null =>
  open(ctx, "notes_cipher", row.id, row.notesCipher);

/** A consultation of the firm, or null: also for one whose lead is outside the member's scope. */
export async function findConsultation(tx: Tx, ctx: Ctx, id: string): Promise<ConsultationRow | null> {
  if (!isId(id)) return null;
  const [row] = await tx.$queryRaw<ConsultationRow[]>(Prisma.sql`
    SELECT ${CONSULTATION_COLUMNS} FROM consultation c ${leadInScope(ctx)}
    WHERE c.tenant_id = ${ctx.tenantId}::uuid AND c.id = ${id}::uuid`);
  return row ?? null;
}

/** @throws AppError `not_found`: see findConsultation. */
export async function getConsultationRow(tx: Tx, ctx: Ctx, id: string): Promise<ConsultationRow> {
  const row = await findConsultation(tx, ctx, id);
  if (!row) throw new AppError("not_found", "No such consultation.");
  return row;
}

/**
 * A consultation held until the transaction ends. Held before its lead, everywhere: in the other order two changes would wait for each other.
 * @throws AppError `not_found`: see findConsultation.
 */
export async function holdConsultation(tx: Tx, ctx: Ctx, id: string): Promise<ConsultationRow> {
  // Alone, without its lead: a join would be judged by the lead that it had before somebody else's change.
  if (isId(id)) {
    await tx.$executeRaw(Prisma.sql`
      SELECT 1 FROM consultation WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${id}::uuid FOR NO KEY UPDATE`);
  }
  return getConsultationRow(tx, ctx, id);
}

/** What was counted belongs to the hour that was; a person's word stays until they take it back. */
export const attendanceAfter = (known: Pick<ConsultationRow, "attendanceFrom" | "startsAt">, startsAt: Date) =>
  known.attendanceFrom !== "zoom" || known.startsAt.getTime() === startsAt.getTime()
    ? {}
    : { attendance: "unknown", attendanceFrom: null, attendedSeconds: null };
