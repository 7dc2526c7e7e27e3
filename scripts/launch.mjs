// The front door of every npm script: installs what is missing, then runs scripts/<name>.ts under the Node that npm brought along.
// Builtins only, and nothing newer than Node 20: it runs before node_modules exists.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const modules = path.join(root, "node_modules");
const bin = path.join(modules, ".bin");
const [name, ...args] = process.argv.slice(2);

installWhatIsMissing();
run(chooseNode());

/** `npm ci` when the lockfile or the machine is another than at the last install. */
function installWhatIsMissing() {
  const stamp = path.join(modules, ".arrestra-install");
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const file of ["package-lock.json", "vendor/request/package.json"])
    hash.update(readFileSync(path.join(root, file)));
  const wanted = hash.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  console.log("Installing the packages of package-lock.json (once; about a minute) ...");
  const npm = [
    "ci",
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  // npm ci deletes node_modules/.bin, and with it the Node that may be running this: look for npm elsewhere.
  const PATH = process.env.PATH.split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== bin)
    .join(path.delimiter);
  const env = { ...process.env, PATH, NODE_ENV: "" };
  const done = spawnSync("npm", npm, { cwd: root, stdio: "inherit", env });
  if (done.status !== 0)
    fail(`npm ci failed (${done.error?.message ?? done.status}). Mend what it says above and try again.`);
  writeFileSync(stamp, wanted);
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
  // A terminal sends Ctrl-C to both; the script decides when it is done.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
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
