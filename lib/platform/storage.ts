import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";

/** A place for files outside the database, for what must outlive a change of it. Keys are like `heads/<firm>/<name>.json`. */
export type FileStore = {
  /** Writes a file that is not there yet, whole or not at all; false when there already is one, which stays as it is. */
  putOnce(key: string, bytes: Uint8Array): Promise<boolean>;
  get(key: string): Promise<Buffer | null>;
  /** The keys that lie right under a prefix ending in `/`, sorted. */
  list(prefix: string): Promise<string[]>;
};

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Files in a folder of this machine, which is made at the first write. */
export function folderStore(folder: string): FileStore {
  const pathOf = (key: string): string => {
    const segments = key.replace(/\/$/, "").split("/");
    if (!segments.every((segment) => SEGMENT.test(segment))) throw new Error("A key of the file store is malformed.");
    return path.join(folder, ...segments);
  };
  return {
    async putOnce(key, bytes) {
      const file = pathOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      // Written aside and then linked: a link fails where something is, and a reader never sees half a file.
      const aside = path.join(path.dirname(file), `.${randomUUID()}`);
      try {
        const handle = await open(aside, "wx", 0o444);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await link(aside, file);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
      } finally {
        await rm(aside, { force: true });
      }
    },
    get: (key) => unlessAbsent(readFile(pathOf(key)), null),
    async list(prefix) {
      const names = await unlessAbsent(readdir(pathOf(prefix)), []);
      return names
        .filter((name) => SEGMENT.test(name))
        .map((name) => `${prefix}${name}`)
        .sort();
    },
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
