import { createHash } from "node:crypto";
import { AppError } from "@/lib/core/errors";
import { assertPlainJson } from "./plain-json";

/** A JSON body and the digest of its bytes, which tells a repeated request from another one. */
export type JsonBody = { value: unknown; digest: string };

/** Greatest body of a route that says nothing else. */
export const DEFAULT_MAX_BYTES = 200_000;
/** How long the whole of a body may take: whoever drips one holds on to what was proven of them. */
const BODY_DEADLINE_MS = 30_000;

/**
 * Reads a JSON body: at most `maxBytes` (413, refused while it streams), within 30 seconds, UTF-8 without a broken byte, no duplicate key, no deeper than 32 (400).
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

/** The body's bytes, refused as soon as they are too many or take too long. */
export async function readBytes(request: Request, maxBytes: number, deadlineMs?: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyChunks(request, maxBytes, deadlineMs)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * The body as it comes; it ends with a refusal as soon as there are too many bytes or they take too long. A compressed body is refused: its size is a promise
 * nobody keeps.
 */
export async function* bodyChunks(
  request: Request,
  maxBytes: number,
  deadlineMs = BODY_DEADLINE_MS,
): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new AppError("payload_too_large", `The body has more than ${maxBytes} bytes.`);
  const encoding = request.headers.get("content-encoding");
  if (encoding && encoding.toLowerCase() !== "identity") {
    throw new AppError("invalid_request", "Send the body without Content-Encoding.");
  }
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  if (!request.body) return;
  let size = 0;
  const reader = request.body.getReader();
  const deadline = deadlineOf(deadlineMs);
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await Promise.race([nextChunk(reader), deadline.passed]);
      if (done) break;
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge();
      yield value;
    }
    isWhole = true;
  } finally {
    deadline.stop();
    // Not waited for: a sender that stalls would hold the reply back too.
    if (!isWhole) reader.cancel().catch(() => {});
  }
}

function deadlineOf(ms: number): { passed: Promise<never>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    const detail = `The body took longer than ${ms / 1000} seconds. Nothing was done; send it again in one go.`;
    timer = setTimeout(() => reject(new AppError("invalid_request", detail)), ms);
  });
  return { passed, stop: () => clearTimeout(timer) };
}

async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  try {
    return await reader.read();
  } catch (cause) {
    throw new AppError("invalid_request", "The body ended before it was complete.", { cause });
  }
}
