import type { EvidenceDto, EvidenceState } from "@/lib/contracts/evidence";
import { AppError } from "@/lib/core/errors";
import type { EvidenceType } from "@/lib/core/evidence-types";
import { isId } from "@/lib/core/ids";
import { decryptField } from "@/lib/platform/crypto";
import { Prisma, type Tx } from "@/lib/platform/db";
import type { Ctx } from "../../context/ctx";
import { mayDo } from "../../context/permissions";
import { inScope } from "../in-scope";

/** A row of `evidence_file`. */
export type EvidenceRow = Prisma.EvidenceFileGetPayload<object>;

/** How long a file may be on its way, by form or by our own route. */
export const UPLOAD_SECONDS = 15 * 60;
/** A check that waits for so long has lost its job, or stands behind many; a second job does no harm. */
export const CHECK_LOST_MS = 10 * 60_000;
/** How many looks may begin: with three of each job and ever longer waits this takes longer than a store is usually out of reach. */
export const MOST_CHECKS = 15;
/** How long a refusal can be read. */
export const REFUSAL_KEPT_MS = 86_400_000;

/** Where the sealed name of a file lives. */
export const namePlace = (tenantId: string, rowId: string) =>
  ({ tenantId, table: "evidence_file", column: "name_cipher", rowId }) as const;

/** The name in the clear. */
export const nameOf = ({ tenantId, id, nameCipher }: EvidenceRow): string =>
  decryptField(nameCipher, namePlace(tenantId, id));

/** Who keeps and removes files: people, and programs by a key. @throws AppError `forbidden` for what nobody stands behind. */
export function requireKeeper({ actor }: Ctx): { type: "user" | "apiKey"; id: string } {
  if (actor.type !== "user" && actor.type !== "apiKey")
    throw new AppError("forbidden", "Only people and API keys can add files.");
  return { type: actor.type, id: actor.id };
}

/** Whether the caller may remove it: whoever added it, owners and admins. */
export function mayRemove(ctx: Ctx, { addedByType, addedBy }: EvidenceRow): boolean {
  const { actor } = ctx;
  if (!mayDo(ctx, "leads:write")) return false;
  const isAdmin = actor.type === "user" && (actor.role === "owner" || actor.role === "admin");
  return isAdmin || (actor.type === addedByType && actor.id === addedBy);
}

/** @throws AppError `not_found`, also for another firm's lead and one outside the member's scope. */
export async function requireLead(tx: Tx, ctx: Ctx, leadId: string): Promise<void> {
  const found = isId(leadId)
    ? await tx.$queryRaw<unknown[]>(Prisma.sql`
        SELECT 1 FROM lead WHERE tenant_id = ${ctx.tenantId}::uuid AND id = ${leadId}::uuid AND ${inScope(ctx)} FOR KEY SHARE`)
    : [];
  if (found.length === 0) throw new AppError("not_found", "No such lead.");
}

/** A file of that lead. @throws AppError `not_found`, also for one of another firm or outside the member's scope. */
export async function getEvidenceRow(tx: Tx, ctx: Ctx, leadId: string, id: string): Promise<EvidenceRow> {
  await requireLead(tx, ctx, leadId);
  const row = isId(id)
    ? await tx.evidenceFile.findUnique({ where: { tenantId_id: { tenantId: ctx.tenantId, id } } })
    : null;
  if (row?.leadId !== leadId) throw new AppError("not_found", "No such file.");
  return row;
}

/** The same, held until the transaction ends. @throws AppError `not_found`. */
export async function lockEvidenceRow(tx: Tx, ctx: Ctx, leadId: string, id: string): Promise<EvidenceRow> {
  await tx.$executeRaw`SELECT FROM evidence_file WHERE tenant_id = ${ctx.tenantId}::uuid AND id::text = ${id} FOR UPDATE`;
  return getEvidenceRow(tx, ctx, leadId, id);
}

/** Rows as the API shows them, with the names of who added them. */
export async function toDtos(tx: Tx, ctx: Ctx, rows: readonly EvidenceRow[]): Promise<EvidenceDto[]> {
  const { tenantId } = ctx;
  const idsOf = (type: string) => [...new Set(rows.filter((r) => r.addedByType === type).map((r) => r.addedBy))];
  const select = { id: true, name: true } as const;
  const users = await tx.user.findMany({ where: { tenantId, id: { in: idsOf("user") } }, select });
  const keys = await tx.apiKey.findMany({ where: { tenantId, id: { in: idsOf("apiKey") } }, select });
  const names = new Map([...users, ...keys.map(({ id, name }) => ({ id, name: `key ${name}` }))].map((n) => [n.id, n]));
  return rows.map((row) => ({
    id: row.id,
    filename: nameOf(row),
    type: row.type as EvidenceType,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    state: row.state as EvidenceState,
    problem: row.problem,
    addedBy: {
      type: row.addedByType === "apiKey" ? "apiKey" : "user",
      id: row.addedBy,
      name: names.get(row.addedBy)?.name ?? "",
    },
    createdAt: row.createdAt.toISOString(),
    mayRemove: mayRemove(ctx, row),
  }));
}

/** One of them. */
export async function toDto(tx: Tx, ctx: Ctx, row: EvidenceRow): Promise<EvidenceDto> {
  const [dto] = await toDtos(tx, ctx, [row]);
  return dto as EvidenceDto;
}
