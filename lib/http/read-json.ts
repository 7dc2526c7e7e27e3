import { createHash } from "node:crypto";
import { AppError } from "@/lib/core/errors";
import { assertPlainJson } from "./plain-json";

/** A JSON body and the digest of its bytes, which tells a repeated request from another one. */
export type JsonBody = { value: unknown; digest: string };

/** Greatest body of a route that says nothing else. */
export const DEFAULT_MAX_BYTES = 200_000;

/**
 * Reads a JSON body: at most `maxBytes` (413, refused while it streams), UTF-8 without a broken byte, no duplicate key, no deeper than 32 (400).
 */
export async function readJson(request: Request, maxBytes = DEFAULT_MAX_BYTES): Promise<JsonBody> {
  const bytes = await readBytes(request, maxBytes);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("invalid_request", "The body is not valid UTF-8.", { cause });
  }
  assertPlainJson(text);
  try {
    return { value: JSON.parse(text), digest: createHash("sha256").update(bytes).digest("hex") };
  } catch {
    // The parser's message quotes the input: it stays out.
    throw new AppError("invalid_request", "The body is not valid JSON.");
  }
}

/** The body's bytes, refused as soon as they are too many. A compressed body is refused: its size is a promise nobody keeps. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new AppError("payload_too_large", `The body has more than ${maxBytes} bytes.`);
  const encoding = request.headers.get("content-encoding");
  if (encoding && encoding.toLowerCase() !== "identity") {
    throw new AppError("invalid_request", "Send the body without Content-Encoding.");
  }
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await nextChunk(reader);
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel().catch(() => {});
      throw tooLarge();
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks, size);
}

async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new AppError("invalid_request", "The body ended before it was complete.", { cause });
  }
}
