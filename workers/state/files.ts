import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";

/** Writes a file whole or not at all: a reader, or a process killed half-way, sees the old text or the new one. */
export function writeAtomic(path: string, content: string | Uint8Array, options: { durable?: boolean } = {}): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
    if (options.durable !== false) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** The JSON of a file in the shape asked for; undefined when there is no such file. A file of another shape throws: state is never guessed. */
export function readJson<T>(path: string, shape: z.ZodType<T>): T | undefined {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const parsed = shape.safeParse(JSON.parse(content));
  if (!parsed.success) throw new Error(`the state file ${path} is not readable: ${parsed.error.message}`);
  return parsed.data;
}
