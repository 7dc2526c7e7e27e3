import type { ImportDto } from "@/lib/contracts/imports";
import { megabytes } from "@/lib/core/bytes";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { guessMapping } from "@/lib/core/import-fields";
import { IMPORT_MAX_BYTES, IMPORT_TYPE } from "@/lib/core/import-limits";
import { filesOf } from "@/lib/platform/file-store";
import type { Ctx } from "../../context/ctx";
import { inTenant } from "../../context/in-tenant";
import { recordEvent } from "../../events/record-events";
import { lockImports, uploadFormOf } from "./begin-import";
import { type CsvHead, readHead } from "./csv-head";
import { UnreadableFile } from "./csv-rows";
import {
  fileGoesAt,
  getImportRow,
  keyOf,
  lockImport,
  requireImporter,
  toDto,
  UPLOAD_KEPT_MS,
  UPLOADS_AT_ONCE,
} from "./import-row";

/**
 * Puts the file of an import into the store, whole or not at all, and looks at its headings. `bytes` ends with a refusal where there are too many. Needs
 * `leads:import`.
 * @throws AppError `not_found`, `conflict` when it has its file already, one is on its way, or files go to a bucket; `rate_limited` when the firm sends as many
 * as it may; and what `describeImport` throws.
 */
export async function receiveImportFile(ctx: Ctx, id: string, bytes: AsyncIterable<Uint8Array>): Promise<ImportDto> {
  await requireUploading(ctx, id);
  if (await uploadFormOf(ctx, id))
    throw new AppError("conflict", "Files go to the bucket: post it with the form that came with the import.");
  const uploadId = await takeUpload(ctx, id);
  const key = keyOf(ctx, id, uploadId);
  try {
    await filesOf().write(key, bytes, { type: IMPORT_TYPE });
    return await describeFile(ctx, id, key);
  } finally {
    await endUpload(ctx, id, uploadId);
  }
}

/**
 * Looks at a file that has come: delimiter, headings, and which column probably is which field. One that cannot be read is removed, and another can be sent.
 * Recorded as `import.uploaded`. Needs `leads:import`.
 * @throws AppError `conflict` while there is no file, `payload_too_large`, `unprocessable` naming what is wrong with the file.
 */
export async function describeImport(ctx: Ctx, id: string): Promise<ImportDto> {
  await requireUploading(ctx, id);
  return describeFile(ctx, id, keyOf(ctx, id));
}

async function describeFile(ctx: Ctx, id: string, key: string): Promise<ImportDto> {
  const files = filesOf();
  const file = await files.open(key);
  if (!file) throw new AppError("conflict", "The file has not come yet.", { retryAfterSeconds: 2 });
  const { bytes, version } = file;
  try {
    if (bytes > IMPORT_MAX_BYTES)
      throw new AppError("payload_too_large", `The file has more than ${megabytes(IMPORT_MAX_BYTES)}.`);
    const head = await readHead(file.stream);
    return await keepHead(ctx, id, { head, bytes, key, version });
  } catch (error) {
    await file.stream.cancel().catch(() => {});
    // Two who looked at the same file of the bucket: it is that of whoever was first.
    if (!(await isKept(ctx, id, key))) await files.remove(key);
    throw error instanceof UnreadableFile ? unreadable(error) : error;
  }
}

const isKept = (ctx: Ctx, id: string, key: string): Promise<boolean> =>
  inTenant(ctx, async (tx) => (await tx.leadImport.count({ where: { tenantId: ctx.tenantId, id, fileKey: key } })) > 0);

/** One upload of an import at a time and so many of a firm, since each may take minutes. No connection of the database waits with it. */
function takeUpload(ctx: Ctx, id: string): Promise<string> {
  const { tenantId } = ctx;
  const now = ctx.clock.now();
  return inTenant(ctx, async (tx) => {
    await lockImports(tx, tenantId);
    const { state, uploadUntil } = await lockImport(tx, ctx, id);
    if (state !== "uploading") throw hasFile();
    if (uploadUntil && uploadUntil > now)
      throw new AppError("conflict", "A file of this import is on its way.", { retryAfterSeconds: 10 });
    if ((await tx.leadImport.count({ where: { tenantId, uploadUntil: { gt: now } } })) >= UPLOADS_AT_ONCE)
      throw new AppError("rate_limited", `At most ${UPLOADS_AT_ONCE} files of a firm are sent at the same time.`, {
        retryAfterSeconds: 10,
      });
    const uploadId = newId();
    const data = { uploadId, uploadUntil: new Date(now.getTime() + UPLOAD_KEPT_MS) };
    await tx.leadImport.update({ where: { tenantId_id: { tenantId, id } }, data });
    return uploadId;
  });
}

async function endUpload(ctx: Ctx, id: string, uploadId: string): Promise<void> {
  const where = { tenantId: ctx.tenantId, id, uploadId };
  await inTenant(ctx, (tx) => tx.leadImport.updateMany({ where, data: { uploadId: null, uploadUntil: null } }));
}

const unreadable = ({ message }: UnreadableFile): AppError =>
  new AppError("unprocessable", message, { invalidParams: [{ name: "file", reason: message }] });

async function requireUploading(ctx: Ctx, id: string): Promise<void> {
  requireImporter(ctx);
  const { state } = await inTenant(ctx, (tx) => getImportRow(tx, ctx.tenantId, id));
  if (state !== "uploading") throw hasFile();
}
const hasFile = () => new AppError("conflict", "This import has its file already. Begin another one.");

type Described = { head: CsvHead; bytes: number; key: string; version: string };

function keepHead(ctx: Ctx, id: string, { head, bytes, key, version }: Described): Promise<ImportDto> {
  const { tenantId } = ctx;
  return inTenant(ctx, async (tx) => {
    const { state } = await lockImport(tx, ctx, id);
    if (state !== "uploading") throw hasFile();
    const row = await tx.leadImport.update({
      where: { tenantId_id: { tenantId, id } },
      data: {
        state: "mapping",
        bytes,
        fileKey: key,
        fileVersion: version,
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
