// `npm run lock`, after every change of a dependency: npm install, then puts back the platform packages that npm could not load.
// A registry may lack builds for machines other than this one; npm drops them from the lockfile, and `npm ci` then refuses it
// everywhere ("Missing: ... from lock file").
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const lockFile = path.join(root, "package-lock.json");

const SYSTEMS = {
  darwin: "darwin",
  win32: "win32",
  windows: "win32",
  "win-": "win32",
  android: "android",
  freebsd: "freebsd",
  openbsd: "openbsd",
  netbsd: "netbsd",
  sunos: "sunos",
  aix: "aix",
  openharmony: "openharmony",
  linux: "linux",
};
const PROCESSORS = ["arm64", "x64", "ia32", "arm", "riscv64", "ppc64", "s390x", "loong64", "mips64el", "wasm32"];

if (!process.argv.includes("--complete-only")) {
  const args = ["install", "--include=dev", "--include=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
const lock = JSON.parse(readFileSync(lockFile, "utf8"));
const added = completeLockfile(lock.packages);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `put back ${added.length}: ${added.join(" ")}` : "the lockfile is complete");

/** Adds what is missing by name, version, system and processor; without integrity, which only the package itself could tell. */
function completeLockfile(packages) {
  const added = [];
  for (const [at, dependent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(dependent.optionalDependencies ?? {})) {
      if (isLocked(packages, at, name) || !/^\d/.test(version)) continue;
      const machine = machineOf(name);
      if (!machine) {
        console.error(
          `${name}, wanted by ${at || "package.json"}, is missing and its name does not say for which machine it is.`,
        );
        process.exitCode = 1;
        continue;
      }
      packages[`node_modules/${name}`] = {
        version,
        ...(dependent.dev ? { dev: true } : {}),
        optional: true,
        ...machine,
      };
      added.push(name);
    }
  }
  return added;
}

/** Whether Node would find this package from there: beside it, or beside one of the packages around it. */
function isLocked(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (packages[`${at ? `${at}/` : ""}node_modules/${name}`]) return true;
    if (!at) return false;
    if (!at.includes("/node_modules/")) return Boolean(packages[`node_modules/${name}`]);
  }
}

/** Platform packages are named after their machine: @img/sharp-linux-arm64, @next/swc-win32-x64-msvc, @rolldown/binding-wasm32-wasi. */
function machineOf(name) {
  const system = Object.entries(SYSTEMS).find(([part]) => name.includes(part))?.[1];
  const processor = PROCESSORS.find((part) => new RegExp(`[-/]${part}`).test(name));
  if (!system && !processor) return null;
  return {
    ...(system ? { os: [system] } : {}),
    ...(processor ? { cpu: [processor] } : {}),
    ...(name.endsWith("musl") ? { libc: ["musl"] } : {}),
  };
}
