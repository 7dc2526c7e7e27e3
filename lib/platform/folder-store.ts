import { randomUUID } from "node:crypto";
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { FileChanged } from "./file-changed";
import { isFileName, segmentsOf } from "./file-key";
import type { FileStore } from "./file-store";

/** Nobody else on this machine reads what lies here. */
const OWN_FOLDER = 0o700;
const OWN_FILE = 0o600;
/** What a file is called while it is written: no key is called so. */
const ASIDE = /^\.[0-9a-f-]{36}$/;

/** Files in a folder of this machine, which is made at the first write. It has no links: our own routes serve what lies here. */
export function folderStore(folder: string): FileStore {
  const pathOf = (key: string): string => path.join(folder, ...segmentsOf(key));

  /** Writes aside and then lets the file appear by `place`, so that a reader never sees half of one. */
  async function writeAside(
    file: string,
    mode: number,
    fill: (handle: FileHandle) => Promise<void>,
    place: (aside: string) => Promise<void>,
  ): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true, mode: OWN_FOLDER });
    // Without the word to the bundler it takes the name for any file of the repository, and copies all of them beside the server.
    const aside = path.join(/* turbopackIgnore: true */ path.dirname(file), `.${randomUUID()}`);
    try {
      const handle = await open(aside, "wx", mode);
      try {
        await fill(handle);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await place(aside);
    } finally {
      await rm(aside, { force: true });
    }
  }

  return {
    async putOnce(key, bytes) {
      const file = pathOf(key);
      let isNew = true;
      await writeAside(
        file,
        OWN_FILE & 0o444,
        (handle) => handle.writeFile(bytes),
        // A link fails where something is.
        (aside) =>
          link(aside, file).catch((error: NodeJS.ErrnoException) => {
            if (error.code !== "EEXIST") throw error;
            isNew = false;
          }),
      );
      return isNew;
    },
    get: async (key) => unlessAbsent(readFile(pathOf(key)), null),
    async list(prefix, { after = "" } = {}) {
      const entries = await unlessAbsent(readdir(pathOf(prefix), { withFileTypes: true }), []);
      return entries
        .filter((entry) => isFileName(entry.name))
        .map((entry) => `${prefix}${entry.name}`)
        .filter((key) => key > after)
        .sort();
    },
    async listBelow(prefix) {
      const entries = await unlessAbsent(readdir(pathOf(prefix), { withFileTypes: true, recursive: true }), []);
      return entries
        .filter((entry) => entry.isFile() && isFileName(entry.name))
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
        .sort();
    },
    async write(key, chunks) {
      const file = pathOf(key);
      let bytes = 0;
      await writeAside(
        file,
        OWN_FILE,
        async (handle) => {
          for await (const chunk of chunks) {
            await handle.writeFile(chunk);
            bytes += chunk.byteLength;
          }
        },
        (aside) => rename(aside, file),
      );
      return { bytes };
    },
    async open(key, version) {
      const handle = await unlessAbsent(open(pathOf(key), "r"), null);
      if (!handle) return null;
      const { size, ino, mtimeNs } = await handle.stat({ bigint: true });
      // Each write makes a file of its own, which a number and its nanosecond tell apart.
      const found = `${ino}-${mtimeNs}-${size}`;
      if (version !== undefined && version !== found) {
        await handle.close();
        throw new FileChanged(key);
      }
      // The handle closes itself at the end of the stream, and when that is canceled.
      const stream = Readable.toWeb(handle.createReadStream()) as ReadableStream<Uint8Array>;
      return { stream, bytes: Number(size), version: found };
    },
    size: async (key) => (await unlessAbsent(stat(pathOf(key)), null))?.size ?? null,
    remove: async (key) => rm(pathOf(key), { force: true }),
    async removeUnfinished(prefix, before) {
      const names = await unlessAbsent(readdir(pathOf(prefix)), []);
      let count = 0;
      for (const name of names.filter((each) => ASIDE.test(each))) {
        const file = path.join(/* turbopackIgnore: true */ pathOf(prefix), name);
        const written = await unlessAbsent(stat(file), null);
        if (!written || written.mtime >= before) continue;
        await rm(file, { force: true });
        count += 1;
      }
      return count;
    },
    downloadLink: async () => null,
    uploadForm: async () => null,
  };
}

async function unlessAbsent<T, U>(read: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await read;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return otherwise;
    throw error;
  }
}
