// The front door of every npm script: installs what is missing, then runs scripts/<name>.ts under the Node that npm brought along.
// Builtins only, and nothing newer than Node 20: it runs before node_modules exists.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const modules = path.join(root, "node_modules");
const bin = path.join(modules, ".bin");
const [name, ...args] = process.argv.slice(2);

installWhatIsMissing();
run(chooseNode());

/** `npm ci` when something of the lockfile is not there, or in another version. */
function installWhatIsMissing() {
  if (isInstalled()) return;
  console.log("Installing the packages of package-lock.json (about a minute) ...");
  const args = [
    "ci",
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  // npm ci deletes node_modules/.bin, and with it the Node that may be running this: look for npm elsewhere.
  const folders = process.env.PATH.split(path.delimiter).filter((folder) => path.resolve(folder) !== bin);
  const env = { ...process.env, PATH: folders.join(path.delimiter), NODE_ENV: "" };
  const done = spawnSync("npm", args, { cwd: root, stdio: "inherit", env });
  if (done.status !== 0)
    fail(`npm ci failed (${done.error?.message ?? done.status}). Mend what it says above and try again.`);
}

/** Compares the lockfile with the one npm leaves in node_modules as the last act of an install. */
function isInstalled() {
  const lockFile = path.join(modules, ".package-lock.json");
  if (!existsSync(lockFile)) return false;
  const installed = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  const { "": wishes, ...wanted } = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  const fits = ({ os, cpu }) => (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch));
  // Other machines' packages are rightly absent; ours of the first level (Node, PostgreSQL) may not be.
  const isNeeded = (at, { optional, ...entry }) =>
    !optional || (fits(entry) && wishes.optionalDependencies?.[at.slice("node_modules/".length)]);
  return Object.entries(wanted).every(
    ([at, entry]) => !entry.version || installed[at]?.version === entry.version || !isNeeded(at, entry),
  );
}

function chooseNode() {
  const own = path.join(bin, "node");
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  return fail(`Node 22 or newer is needed; npm has no build of it for ${process.platform}-${process.arch}.`);
}

function run(node) {
  const script = path.join(root, "scripts", `${name}.ts`);
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(path.delimiter) };
  // The fourth channel tells the script when this process is gone, however it went.
  const child = spawn(node, ["--import", "tsx", script, ...args], {
    cwd: root,
    env,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  // A terminal sends Ctrl-C to both, a supervisor to this one alone: hearing it twice must not matter to the script, which decides when it is done.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${node} cannot be run: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
  if (process.env.npm_lifecycle_event) followParent();
}

/**
 * npm never ends before its script, except when it is killed: then nobody is left to stop the script. The `exec` in package.json leaves
 * no shell between the two.
 */
function followParent() {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(1), 500).unref();
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
