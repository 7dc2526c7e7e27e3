"use client";
import type { BegunImport } from "@/lib/contracts/imports";
import { megabytes } from "@/lib/core/bytes";
import { IMPORT_MAX_BYTES, IMPORT_TYPE } from "@/lib/core/import-limits";
import { callApi, type Problem } from "./api-client";
import { notSent, sendBegun } from "./send-file";

/** An import whose file has come, or why not. `id` is there once the import was begun. */
type Sent = { isOk: true; id: string } | { isOk: false; problem: Problem };

/** Begins an import and sends its file, to a bucket or to us. `onProgress` hears the share that is gone, 0 to 1. */
export async function sendImport(file: File, onProgress: (share: number) => void): Promise<Sent> {
  if (file.size === 0) return { isOk: false, problem: notSent("The file is empty.") };
  if (file.size > IMPORT_MAX_BYTES)
    return { isOk: false, problem: notSent(`The file is larger than ${megabytes(IMPORT_MAX_BYTES)}. Split it.`) };
  const begun = await callApi<BegunImport>("POST", "/api/imports", { filename: file.name, bytes: file.size });
  if (!begun.isOk) return begun;
  const { id } = begun.data.import;
  const target = { path: `/api/imports/${id}`, upload: begun.data.upload, type: IMPORT_TYPE };
  const problem = await sendBegun(file, target, { onProgress, undone: "Nothing was imported; send it again." });
  return problem ? { isOk: false, problem } : { isOk: true, id };
}
