import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const BLOCK = 512;

/** Writes the plain files and folders of an uncompressed tar archive below `folder`; anything else in it is refused. */
export function unpackTar(archive: Buffer, folder: string): void {
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const field = (from: number, length: number) =>
      archive
        .subarray(at + from, at + from + length)
        .toString("utf8")
        .replace(/\0.*$/s, "");
    const name = field(0, 100);
    if (!name) return; // two empty blocks end an archive
    const size = Number.parseInt(field(124, 12), 8) || 0;
    const type = field(156, 1) || "0";
    const target = path.resolve(folder, name);
    if (!target.startsWith(path.resolve(folder) + path.sep)) throw new Error(`${name} leads out of the archive`);
    if (type === "0") {
      mkdirSync(path.dirname(target), { recursive: true });
      const content = archive.subarray(at + BLOCK, at + BLOCK + size);
      writeFileSync(target, content, { mode: Number.parseInt(field(100, 8), 8) & 0o755 });
    } else if (type === "5") {
      mkdirSync(target, { recursive: true });
    } else {
      throw new Error(`${name} is of a kind (${type}) that is not expected here`);
    }
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
}
