import { cpSync, existsSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../repository";

const MODULES = path.join(ROOT, "node_modules");

type Manifest = { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> };

/** Copies installed packages with all that they need into a folder's `node_modules`. Gives their names. */
export function copyPackages(names: readonly string[], out: string): string[] {
  const wanted = new Set(names);
  for (const name of wanted) {
    // One of ours is a link into vendor/.
    const from = realpathSync(path.join(MODULES, name));
    const manifest = JSON.parse(readFileSync(path.join(from, "package.json"), "utf8")) as Manifest;
    const { dependencies = {}, optionalDependencies = {} } = manifest;
    // A version of its own lies inside a package and comes along with it. What is built for one kind of machine is not installed on others.
    for (const each of Object.keys(dependencies))
      if (!existsSync(path.join(from, "node_modules", each))) wanted.add(each);
    for (const each of Object.keys(optionalDependencies)) if (existsSync(path.join(MODULES, each))) wanted.add(each);
    cpSync(from, path.join(out, "node_modules", name), { recursive: true, dereference: true });
  }
  return [...wanted];
}
