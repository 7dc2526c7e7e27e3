"use client";
import type { BegunImport, ImportDto } from "@/lib/contracts/imports";
import { IMPORT_MAX_BYTES, IMPORT_TYPE } from "@/lib/core/import-limits";
import { callApi, type Problem } from "./api-client";
import { notSent, sendFile } from "./send-file";

/** An import whose file has come, or why not. `id` is there once the import was begun. */
type Sent = { isOk: true; id: string } | { isOk: false; problem: Problem };

/** Begins an import and sends its file, to a bucket or to us. `onProgress` hears the share that is gone, 0 to 1. */
export async function sendImport(file: File, onProgress: (share: number) => void): Promise<Sent> {
  if (file.size === 0) return { isOk: false, problem: notSent("The file is empty.") };
  if (file.size > IMPORT_MAX_BYTES) return { isOk: false, problem: notSent("The file has more than 50 MB. Split it.") };
  const begun = await callApi<BegunImport>("POST", "/api/imports", { filename: file.name, bytes: file.size });
  if (!begun.isOk) return begun;
  const { id } = begun.data.import;
  const { upload } = begun.data;
  const target = upload ?? { url: `/api/imports/${id}/file`, type: IMPORT_TYPE };
  const failure = await sendFile(file, target, { onProgress, undone: "Nothing was imported; send it again." });
  const described = !failure && upload ? await callApi<ImportDto>("POST", `/api/imports/${id}/file`) : null;
  const refusal = failure ?? (described && !described.isOk ? described.problem : null);
  if (!refusal) return { isOk: true, id };
  // What has no file is of no use to anybody.
  await callApi("DELETE", `/api/imports/${id}`);
  return { isOk: false, problem: refusal };
}
