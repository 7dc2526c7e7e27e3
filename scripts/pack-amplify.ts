// Packs the build as Amplify's deployment specification wants it: static files for its edge, the server as plain Node.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensureBuild } from "./build";
import { ROOT } from "./repository";
import { run } from "./run";

/** Amplify refuses more. */
const MAX_BYTES = 220 * 1024 * 1024;

const out = path.join(ROOT, ".amplify-hosting");
const compute = path.join(out, "compute", "default");
const { folder } = await ensureBuild();

rmSync(out, { recursive: true, force: true });
mkdirSync(path.join(out, "compute"), { recursive: true });
mkdirSync(path.join(out, "static", "_next"), { recursive: true });
await run("cp", ["-RL", folder, compute]);
await run("cp", ["-RL", path.join(folder, ".next", "static"), path.join(out, "static", "_next", "static")]);
const publicFolder = path.join(ROOT, "public");
if (existsSync(publicFolder)) await run("cp", ["-RL", `${publicFolder}/.`, path.join(out, "static")]);

// Amplify routes to port 3000, and HOSTNAME names the machine there: the server would listen on that name alone.
writeFileSync(
  path.join(compute, "entry.mjs"),
  'Object.assign(process.env, { PORT: "3000", HOSTNAME: "0.0.0.0", AUTH_TRUST_HOST: "1" });\nawait import("./server.js");\n',
);
const { version } = JSON.parse(readFileSync(path.join(ROOT, "node_modules", "next", "package.json"), "utf8"));
const server = { kind: "Compute", src: "default" };
const manifest = {
  version: 1,
  framework: { name: "next", version },
  routes: [
    { path: "/_next/static/*", target: { kind: "Static", cacheControl: "public, max-age=31536000, immutable" } },
    { path: "/*.*", target: { kind: "Static" }, fallback: server },
    { path: "/*", target: server },
  ],
  computeResources: [{ name: "default", entrypoint: "entry.mjs", runtime: "nodejs22.x" }],
};
writeFileSync(path.join(out, "deploy-manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

const files = readdirSync(out, { recursive: true, withFileTypes: true });
if (files.some((file) => file.isSymbolicLink()))
  throw new Error("a link is left: Amplify's bundler stumbles over them");
const bytes = files
  .filter((file) => file.isFile())
  .reduce((sum, file) => sum + statSync(path.join(file.parentPath, file.name)).size, 0);
if (bytes > MAX_BYTES) throw new Error(`${bytes} bytes are more than the ${MAX_BYTES} that Amplify takes`);
console.log(`packed ${(bytes / 1e6).toFixed(1)} MB into .amplify-hosting`);
