import { createHash } from "node:crypto";
import { fileTypeFromBuffer } from "file-type";
import type { EvidenceRefusal } from "@/lib/contracts/evidence";
import { EVIDENCE_TYPES, type EvidenceType } from "@/lib/core/evidence-types";

/** What of a file is kept in memory to say what it is: the marks of every kind lie at its beginning. */
const HEAD_BYTES = 256 * 1024;

/** What a look found. */
export type Inspected = { refusal: EvidenceRefusal } | { refusal: null; sha256: string };

/**
 * Reads a file once, as it comes, and hands it on: its size, what it is by its own marks, its digest. Nothing is unpacked or drawn. What is longer than it said is not
 * read on.
 */
export async function* inspectFile(
  stream: AsyncIterable<Uint8Array>,
  said: { type: EvidenceType; bytes: number },
): AsyncGenerator<Uint8Array, Inspected> {
  const { found, maxBytes } = EVIDENCE_TYPES[said.type];
  const text = found === null ? new TextDecoder("utf-8", { fatal: true }) : null;
  const sha256 = createHash("sha256");
  const head: Uint8Array[] = [];
  let kept = 0;
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return { refusal: "too_large" };
    if (bytes > said.bytes) return { refusal: "other_size" };
    sha256.update(chunk);
    if (kept < HEAD_BYTES) {
      head.push(chunk.slice(0, HEAD_BYTES - kept));
      kept += Math.min(chunk.byteLength, HEAD_BYTES - kept);
    }
    if (text && !isText(text, chunk)) return { refusal: "not_text" };
    yield chunk;
  }
  if (bytes === 0) return { refusal: "empty" };
  if (bytes !== said.bytes) return { refusal: "other_size" };
  if (text && !isText(text)) return { refusal: "not_text" };
  const mark = (await fileTypeFromBuffer(Buffer.concat(head)))?.mime;
  const isIt = found === null ? mark === undefined : (found as readonly (string | undefined)[]).includes(mark);
  return isIt ? { refusal: null, sha256: sha256.digest("hex") } : { refusal: "other_type" };
}

/** UTF-8 without a NUL; without a chunk: that it does not end in the middle of a character. */
function isText(decoder: TextDecoder, chunk?: Uint8Array): boolean {
  try {
    return !decoder.decode(chunk, { stream: chunk !== undefined }).includes("\0");
  } catch {
    return false;
  }
}
