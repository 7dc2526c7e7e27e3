import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { FileStore } from "@/lib/platform/file-store";
import { readJson, writeAtomic } from "./files";
import { type IndexLine, indexLines } from "./page-index";

/** How many pages are on their way at once: enough for a pass in seconds, and never much memory. */
const AT_ONCE = 4;
/** So many bytes of the index, with the pages that they name, are one step: what a crash or a late bucket makes to be done again. */
const STEP_BYTES = 16_384;
/** Beside the index: how much of it is in the bucket, with every page that it names until there. */
const SENT = "sent.json";
const Sent = z.strictObject({ bytes: z.int().min(0) });

/** Where the pages of a source and a day lie in the bucket. */
const placeOf = (source: string, day: string): string => `pages/${source}/${day}/`;

/** What was put, and the error that stopped it. */
type Put = { pages: number; error: unknown };

/**
 * Puts the sealed pages of one source that are not in the bucket yet, day by day, and after them the lines of the index that name them: a line in the bucket says
 * that its page is there. Stops when `signal` does, and at the first error; what is left is found again at the next call. Never throws for a bucket's sake.
 */
export async function putPages(stateDir: string, source: string, bucket: FileStore, signal: AbortSignal): Promise<Put> {
  const folder = join(stateDir, "pages", source);
  let pages = 0;
  try {
    for (const day of existsSync(folder) ? readdirSync(folder).sort() : []) {
      const from = join(folder, day);
      const index = join(from, "index.ndjson");
      let { bytes } = readJson(join(from, SENT), Sent) ?? { bytes: 0 };
      while (existsSync(index) && bytes < statSync(index).size && !signal.aborted) {
        const lines = wholeLines(index, bytes);
        // A line that a crash tore: nothing follows it until it is whole.
        if (lines.length === 0) break;
        pages += await putStep({ from, to: placeOf(source, day), lines, bucket, signal });
        if (signal.aborted) break;
        bytes += lines.length;
        writeAtomic(join(from, SENT), JSON.stringify({ bytes }), { durable: false });
      }
    }
    return { pages, error: null };
  } catch (error) {
    return { pages, error };
  }
}

/** The lines from there on that have an end, a step's worth of them. */
function wholeLines(file: string, at: number): Buffer {
  const handle = openSync(file, "r");
  try {
    const read = Buffer.alloc(STEP_BYTES);
    const taken = read.subarray(0, readSync(handle, read, 0, STEP_BYTES, at));
    return taken.subarray(0, taken.lastIndexOf("\n") + 1);
  } finally {
    closeSync(handle);
  }
}

type Step = { from: string; to: string; lines: Buffer; bucket: FileStore; signal: AbortSignal };

async function putStep({ from, to, lines, bucket, signal }: Step): Promise<number> {
  const read = indexLines(lines.toString("utf8"));
  // A page that is no longer kept, or was never: its hash is all that there is.
  const wanted = [...new Set(read.map(({ sha256 }) => `${sha256}.page`))].filter((name) =>
    existsSync(join(from, name)),
  );
  let put = 0;
  const putNext = async (): Promise<void> => {
    for (let name = wanted.shift(); name !== undefined && !signal.aborted; name = wanted.shift()) {
      if (await bucket.putOnce(to + name, readFileSync(join(from, name)))) put += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, putNext));
  if (signal.aborted) return put;
  // By its first moment, so that parts sort as they came, and by what it says, so that a step done again is the same part.
  const first = (read[0]?.at ?? "").replace(/[^0-9TZ]/g, "");
  const hash = createHash("sha256").update(lines).digest("hex").slice(0, 16);
  await bucket.putOnce(`${to}${first}-${hash}.index`, lines);
  return put;
}

/** The lines of an index that the bucket has of a day, each once, in the order in which the pages came. */
export async function linesInBucket(bucket: FileStore, source: string, day: string): Promise<IndexLine[]> {
  const keys = (await bucket.list(placeOf(source, day))).filter((key) => key.endsWith(".index"));
  const texts = new Set<string>();
  for (const key of keys) {
    const part = (await bucket.get(key))?.toString("utf8") ?? "";
    for (const text of part.split("\n")) texts.add(text);
  }
  return indexLines([...texts].join("\n"));
}

/** A sealed page that the bucket has, or null. */
export const sealedInBucket = (
  bucket: FileStore,
  source: string,
  day: string,
  sha256: string,
): Promise<Buffer | null> => bucket.get(`${placeOf(source, day)}${sha256}.page`);
