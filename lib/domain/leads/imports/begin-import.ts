import type { BeginImport, BegunImport } from "@/lib/contracts/imports";
import { AppError } from "@/lib/core/errors";
import { cleanFilename } from "@/lib/core/filename";
import { newId } from "@/lib/core/ids";
import { IMPORT_MAX_BYTES, IMPORT_TYPE } from "@/lib/core/import-limits";
import type { Tx } from "@/lib/platform/db";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { FILES_AT_ONCE, fileGoesAt, keyOf, requireImporter, toDto } from "./import-row";

/** How long the form of the bucket is good for. */
const FORM_SECONDS = 15 * 60;

/**
 * Opens an import and says where its file goes: a form of the bucket, or null for our own route. Needs `leads:import`; for people alone.
 * @throws AppError `rate_limited` when the firm has as many files here as it may.
 */
export async function beginImport(ctx: Ctx, { filename, bytes }: BeginImport): Promise<BegunImport> {
  requireImporter(ctx);
  const { tenantId, actor } = ctx;
  if (actor.type !== "user") throw new AppError("forbidden", "A list is brought by a person.");
  const id = newId();
  const begun = await inTenant(ctx, async (tx) => {
    await requireRoom(tx, ctx);
    const row = await tx.leadImport.create({
      data: {
        tenantId,
        id,
        createdBy: actor.id,
        filename: cleanFilename(filename),
        bytes,
        state: "uploading",
        createdAt: ctx.clock.now(),
        expiresAt: fileGoesAt(ctx),
      },
    });
    return toDto(tx, ctx, row);
  });
  return { import: begun, upload: await uploadFormOf(ctx, id) };
}

/** The form that sends the file of an import to the bucket; null without a bucket. */
export function uploadFormOf(ctx: Ctx, id: string): Promise<BegunImport["upload"]> {
  const terms = { type: IMPORT_TYPE, maxBytes: IMPORT_MAX_BYTES, seconds: FORM_SECONDS };
  return filesOf().uploadForm(keyOf(ctx, id), terms);
}

/** Whoever counts what the firm has here waits for whoever counts already. */
export const lockImports = (tx: Tx, tenantId: string): Promise<number> =>
  tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`imports|${tenantId}`}, 0))`;

/** One after the other, so that two who begin at once do not both take the last place. */
async function requireRoom(tx: Tx, { tenantId, clock }: Ctx): Promise<void> {
  await lockImports(tx, tenantId);
  const here = [{ fileKey: { not: null } }, { state: "uploading", expiresAt: { gt: clock.now() } }];
  const count = await tx.leadImport.count({ where: { tenantId, OR: here } });
  if (count < FILES_AT_ONCE) return;
  throw new AppError("rate_limited", `At most ${FILES_AT_ONCE} files wait here. Remove one that is not needed.`, {
    retryAfterSeconds: 600,
  });
}
