"use client";
import { callApi, type Problem } from "./api-client";

/** Where a file goes: a form of a bucket, its fields first; or an address of ours. */
export type Target = { url: string; fields: Record<string, string> } | { url: string; type: string };

type Sending = {
  /** Hears the share that is gone, 0 to 1. */
  onProgress: (share: number) => void;
  /** What it means that a file did not get through: `Nothing was imported; send it again.` */
  undone: string;
};

/** A refusal of our own, before or beside the answer of a server. */
export const notSent = (detail: string): Problem => ({
  status: 0,
  code: "unprocessable",
  title: "Not sent",
  detail,
  requestId: null,
  invalidParams: [],
});

/** What was begun on our side and waits for its file: its address, the form of a bucket for the file, and what it calls itself where there is none. */
type Begun = { path: string; upload: Target | null; type: string };

/** Sends the file of what was begun, to a bucket or to us, and says when it is in the bucket. Null when it has come; what has no file is of no use and is taken back. */
export async function sendBegun(file: File, { path, upload, type }: Begun, sending: Sending): Promise<Problem | null> {
  const place = `${path}/file`;
  const failure = await sendFile(file, upload ?? { url: place, type }, sending);
  const told = !failure && upload ? await callApi("POST", place) : null;
  const refusal = failure ?? (told && !told.isOk ? told.problem : null);
  if (refusal) await callApi("DELETE", path);
  return refusal;
}

/** Sends a file; null when it has come. XMLHttpRequest says how much has gone; fetch does not. */
function sendFile(file: File, target: Target, { onProgress, undone }: Sending): Promise<Problem | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const isForm = "fields" in target;
    request.open(isForm ? "POST" : "PUT", target.url);
    if (!isForm) request.setRequestHeader("content-type", target.type);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve(request.status < 300 ? null : refusalOf(request, undone));
    request.onerror = () => resolve(notSent(`The file did not get through. ${undone}`));
    request.send(isForm ? formOf(file, target.fields) : file);
  });
}

function formOf(file: File, fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // A bucket reads no field behind the file.
  form.append("file", file);
  return form;
}

function refusalOf({ status, responseText }: XMLHttpRequest, undone: string): Problem {
  try {
    const told = JSON.parse(responseText) as Partial<Problem>;
    if (typeof told.detail === "string") return { ...notSent(told.detail), ...told };
  } catch {
    // A bucket answers in XML, which says nothing to people.
  }
  return { ...notSent(`The file was not taken. ${undone}`), status };
}
