import { cpSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What names a static file in the pages and programs of a build. */
const CHUNK = /static\/chunks\/(?!old-)([\w~.-]+\.(?:js|css))/g;
const TEXT = /\.(js|json|html|rsc|css|body|meta|map)$|BUILD_ID$/;

/**
 * A build as an older release would have been: the same program under another name, with no static script or style that is called as in the new one. A second
 * `next build` took 461 s beside other work on two cores, so it is made from the first: packages are linked, what Next built is copied and renamed.
 */
export function makeOldRelease(folder: string, into: string): { folder: string; release: string } {
  const built = path.join(folder, ".next");
  const newRelease = readFileSync(path.join(built, "BUILD_ID"), "utf8").trim();
  const release = `old-${newRelease.slice(4)}`;
  linkTree(folder, into, (name) => name !== ".next");
  cpSync(built, path.join(into, ".next"), { recursive: true });
  for (const file of filesIn(path.join(into, ".next"))) {
    if (!TEXT.test(file)) continue;
    const text = readFileSync(file, "utf8");
    const renamed = text.replaceAll(newRelease, release).replace(CHUNK, "static/chunks/old-$1");
    if (renamed !== text) writeFileSync(file, renamed);
  }
  const statics = path.join(into, ".next", "static");
  renameSync(path.join(statics, newRelease), path.join(statics, release));
  for (const name of readdirSync(path.join(statics, "chunks")))
    if (/\.(js|css)$/.test(name))
      renameSync(path.join(statics, "chunks", name), path.join(statics, "chunks", `old-${name}`));
  rmSync(path.join(into, ".next", "cache"), { recursive: true, force: true });
  return { folder: into, release };
}

function linkTree(from: string, to: string, isWanted: (name: string) => boolean = () => true): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (!isWanted(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else linkSync(source, target);
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
