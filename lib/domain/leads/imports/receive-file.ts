import type { ImportDto } from "@/lib/contracts/imports";
import { AppError } from "@/lib/core/errors";
import { guessMapping } from "@/lib/core/import-fields";
import { IMPORT_MAX_BYTES, IMPORT_TYPE } from "@/lib/core/import-limits";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { type CsvHead, readHead } from "./csv-head";
import { UnreadableFile } from "./csv-rows";
import { fileGoesAt, getImportRow, keyOf, lockImport, requireImporter, toDto } from "./import-row";

/**
 * Puts the file of an import into the store, whole or not at all, and looks at its headings. `bytes` ends with a refusal where there are too many. Needs
 * `leads:import`.
 * @throws AppError `not_found`, `conflict` when it has its file already, and what `describeImport` throws.
 */
export async function receiveImportFile(ctx: Ctx, id: string, bytes: AsyncIterable<Uint8Array>): Promise<ImportDto> {
  await requireUploading(ctx, id);
  await filesOf().write(keyOf(ctx, id), bytes, { type: IMPORT_TYPE });
  return describeImport(ctx, id);
}

/**
 * Looks at a file that has come: delimiter, headings, and which column probably is which field. One that cannot be read is removed, and another can be sent.
 * Recorded as `import.uploaded`. Needs `leads:import`.
 * @throws AppError `conflict` while there is no file, `payload_too_large`, `unprocessable` naming what is wrong with the file.
 */
export async function describeImport(ctx: Ctx, id: string): Promise<ImportDto> {
  await requireUploading(ctx, id);
  const files = filesOf();
  const key = keyOf(ctx, id);
  const file = await files.open(key);
  if (!file) throw new AppError("conflict", "The file has not come yet.", { retryAfterSeconds: 2 });
  const { bytes } = file;
  try {
    if (bytes > IMPORT_MAX_BYTES) throw new AppError("payload_too_large", "The file has more than 50 MB.");
    const head = await readHead(file.stream);
    return await keepHead(ctx, id, { head, bytes });
  } catch (error) {
    await file.stream.cancel().catch(() => {});
    // Where another sender was first, the file is theirs.
    if (!(error instanceof AppError && error.code === "conflict")) await files.remove(key);
    throw error instanceof UnreadableFile ? unreadable(error) : error;
  }
}

const unreadable = ({ message }: UnreadableFile): AppError =>
  new AppError("unprocessable", message, { invalidParams: [{ name: "file", reason: message }] });

async function requireUploading(ctx: Ctx, id: string): Promise<void> {
  requireImporter(ctx);
  const { state } = await inTenant(ctx, (tx) => getImportRow(tx, ctx.tenantId, id));
  if (state !== "uploading") throw hasFile();
}
const hasFile = () => new AppError("conflict", "This import has its file already. Begin another one.");

function keepHead(ctx: Ctx, id: string, { head, bytes }: { head: CsvHead; bytes: number }): Promise<ImportDto> {
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const { state } = await lockImport(tx, ctx, id);
    if (state !== "uploading") throw hasFile();
    const row = await tx.leadImport.update({
      where: { tenantId_id: { tenantId, id } },
      data: {
        state: "mapping",
        bytes,
        fileKey: keyOf(ctx, id),
        delimiter: head.delimiter,
        header: head.header,
        mapping: guessMapping(head.header),
        expiresAt: fileGoesAt(ctx),
      },
    });
    await recordEvent(tx, ctx, { type: "import.uploaded", data: { importId: id, bytes } });
    return toDto(tx, ctx, row);
  });
}
