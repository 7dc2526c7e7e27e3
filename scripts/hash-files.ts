import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** One hash over the names and contents of these files and folders (those that exist); the order they are given in does not matter. */
export function hashFiles(root: string, entries: string[], skip: (file: string) => boolean = () => false): string {
  const hash = createHash("sha256");
  for (const file of entries.flatMap((entry) => listFiles(root, entry)).sort()) {
    if (skip(file)) continue;
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 24);
}

function listFiles(root: string, entry: string): string[] {
  const stat = statSync(path.join(root, entry), { throwIfNoEntry: false });
  if (!stat) return [];
  if (stat.isFile()) return [entry];
  return readdirSync(path.join(root, entry)).flatMap((name) => listFiles(root, `${entry}/${name}`));
}
