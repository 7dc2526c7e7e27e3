"use client";
import type { BegunImport, ImportDto } from "@/lib/contracts/imports";
import { IMPORT_MAX_BYTES, IMPORT_TYPE } from "@/lib/core/import-limits";
import { callApi, type Problem } from "./api-client";

/** An import whose file has come, or why not. `id` is there once the import was begun. */
type Sent = { isOk: true; id: string } | { isOk: false; problem: Problem };

const problem = (detail: string): Problem => ({
  status: 0,
  code: "unprocessable",
  title: "Not sent",
  detail,
  requestId: null,
  invalidParams: [],
});

/** Begins an import and sends its file, to a bucket or to us. `onProgress` hears the share that is gone, 0 to 1. */
export async function sendImport(file: File, onProgress: (share: number) => void): Promise<Sent> {
  if (file.size === 0) return { isOk: false, problem: problem("The file is empty.") };
  if (file.size > IMPORT_MAX_BYTES) return { isOk: false, problem: problem("The file has more than 50 MB. Split it.") };
  const begun = await callApi<BegunImport>("POST", "/api/imports", { filename: file.name, bytes: file.size });
  if (!begun.isOk) return begun;
  const { id } = begun.data.import;
  const { upload } = begun.data;
  const failure = upload ? await postToBucket(upload, file, onProgress) : await putToUs(id, file, onProgress);
  const described = !failure && upload ? await callApi<ImportDto>("POST", `/api/imports/${id}/file`) : null;
  const refusal = failure ?? (described && !described.isOk ? described.problem : null);
  if (!refusal) return { isOk: true, id };
  // What has no file is of no use to anybody.
  await callApi("DELETE", `/api/imports/${id}`);
  return { isOk: false, problem: refusal };
}

type Upload = NonNullable<BegunImport["upload"]>;

function postToBucket(
  { url, fields }: Upload,
  file: File,
  onProgress: (share: number) => void,
): Promise<Problem | null> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // A bucket reads no field behind the file.
  form.append("file", file);
  return send("POST", url, { body: form, onProgress });
}

const putToUs = (id: string, file: File, onProgress: (share: number) => void): Promise<Problem | null> =>
  send("PUT", `/api/imports/${id}/file`, { body: file, type: IMPORT_TYPE, onProgress });

type Sending = { body: File | FormData; type?: string; onProgress: (share: number) => void };

/* XMLHttpRequest says how much has gone; fetch does not. */
function send(method: string, url: string, { body, type, onProgress }: Sending): Promise<Problem | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    if (type) request.setRequestHeader("content-type", type);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(request.status < 300 ? null : refusalOf(request));
    request.onerror = () => resolve(problem("The file did not get through. Nothing was imported; send it again."));
    request.send(body);
  });
}

function refusalOf({ status, responseText }: XMLHttpRequest): Problem {
  try {
    const told = JSON.parse(responseText) as Partial<Problem>;
    if (typeof told.detail === "string") return { ...problem(told.detail), ...told };
  } catch {
    // A bucket answers in XML, which says nothing to people.
  }
  return { ...problem("The file was not taken. Nothing was imported; send it again."), status };
}
