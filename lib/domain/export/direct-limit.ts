import { AppError } from "@/lib/core/errors";
import { env } from "@/lib/platform/env";

/** More rows than this are prepared by a job when a page asks, on every host: whoever waits for them sees how far they are. */
const ROWS_AT_ONCE = 5000;

/** What a row takes at most, nearly always; what takes more still is noticed before the first byte leaves. */
const ROW_BYTES = { leads: 1500, audit: 1500 };

/** How many rows certainly fit into a reply of this host; null where it streams. */
const rowsThatFit = (kind: keyof typeof ROW_BYTES): number | null => {
  const limit = env().REPLY_LIMIT_BYTES;
  return limit === undefined ? null : Math.floor(limit / ROW_BYTES[kind]);
};

/** Up to how many rows a page downloads at once; more are prepared. */
export const rowsAtOnce = (kind: keyof typeof ROW_BYTES): number =>
  Math.min(ROWS_AT_ONCE, rowsThatFit(kind) ?? ROWS_AT_ONCE);

/**
 * Refuses what may not fit into a reply of this host. `count` counts rows and stops at the number that it is given; it is not asked where the host streams.
 * @throws AppError `export_too_large`.
 */
export async function requireFit(
  kind: keyof typeof ROW_BYTES,
  count: (upTo: number) => Promise<number>,
): Promise<void> {
  const fits = rowsThatFit(kind);
  if (fits !== null && (await count(fits + 1)) > fits) throw tooLarge();
}

/** The same stream where the host streams; else all of it in memory first, so that what does not fit is refused before its first byte. */
export async function heldWithinReply(stream: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const limit = env().REPLY_LIMIT_BYTES;
  if (limit === undefined) return stream;
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > limit) {
      await reader.cancel();
      throw tooLarge();
    }
    blocks.push(value);
  }
  return new Blob(blocks as BlobPart[]).stream();
}

const tooLarge = (): AppError =>
  new AppError(
    "export_too_large",
    "This is more than a reply can hold here. Ask for it with POST /api/exports, and fetch the file when it is ready.",
  );
