"use client";
import type { BegunEvidence } from "@/lib/contracts/evidence";
import { megabytes } from "@/lib/core/bytes";
import { EVIDENCE_TYPE_NAMES, EVIDENCE_TYPES, evidenceTypeOf } from "@/lib/core/evidence-types";
import { callApi, type Problem } from "./api-client";
import { notSent, sendBegun } from "./send-file";

const KINDS = new Intl.ListFormat("en").format(EVIDENCE_TYPE_NAMES.map((name) => EVIDENCE_TYPES[name].name));

/** Why a file cannot be added to a lead, before a byte of it is sent; null when it may be tried. */
export function evidenceFault({ name, size }: Pick<File, "name" | "size">): string | null {
  const type = evidenceTypeOf(name);
  if (!type)
    return `“${name}” cannot be added: files of this type are not accepted. Save it as one of these: ${KINDS}.`;
  if (size === 0) return `“${name}” is empty. Save it once more and choose it again.`;
  const { name: kind, maxBytes } = EVIDENCE_TYPES[type];
  return size > maxBytes
    ? `“${name}” has more than ${megabytes(maxBytes)}, the most for ${kind}. Save it smaller or in parts.`
    : null;
}

/** Adds a file to a lead and sends it, to a bucket or to us. Gives why not; null when it has come. */
export async function sendEvidence(
  leadId: string,
  file: File,
  onProgress: (share: number) => void,
): Promise<Problem | null> {
  const type = evidenceTypeOf(file.name);
  const fault = evidenceFault(file);
  if (!type || fault) return notSent(fault ?? "");
  const path = `/api/leads/${leadId}/evidence`;
  const begun = await callApi<BegunEvidence>("POST", path, { filename: file.name, bytes: file.size });
  if (!begun.isOk) return begun.problem;
  const { file: added, upload } = begun.data;
  // Not its own type: plain text could come from a form of another page, so the server takes none from a person.
  const target = { path: `${path}/${added.id}`, upload, type: "application/octet-stream" };
  return sendBegun(file, target, { onProgress, undone: "Nothing was added; send it again." });
}
