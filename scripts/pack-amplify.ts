// Packs the build as Amplify's deployment specification wants it: static files for its edge, the server as plain Node, a manifest that says which
// request goes where. Amplify then runs it whatever version of Next it knows, and its own bundler never sees our node_modules.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuild } from "./build";
import { ROOT } from "./repository";
import { run } from "./run";

/** Amplify refuses more. */
export const MAX_BYTES = 220 * 1024 * 1024;

/** What Amplify may be told in a build: names and numbers. Whoever reads the artifact reads them; secrets come at run time (lib/platform/secrets.ts). */
export const ALLOWED_SETTINGS: readonly string[] = [
  "ARRESTRA_ENV",
  "APP_BASE_URL",
  "TRUSTED_HOST_HEADER",
  "TRUSTED_PROXY_HOPS",
  "LOG_LEVEL",
  "SECRETS_ARN",
  "FILES_BUCKET",
  "ALERTS",
  "MAIL_FROM",
  "EVIDENCE_BUCKET",
  "EVIDENCE_KMS_ARN",
  "REPLY_LIMIT_BYTES",
  "APP_DATABASE_POOL",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "TRACE_SHARE",
];

/**
 * What Amplify starts. Its compute sees no variable of the console, so the settings of the build lie beside it; what the environment sets wins. HOSTNAME names
 * the machine there, and the server would listen on that name alone.
 */
const ENTRY = `import { existsSync } from "node:fs";
const settings = new URL(".env.production", import.meta.url);
if (existsSync(settings)) process.loadEnvFile(settings);
process.env.PORT ||= "3000";
Object.assign(process.env, { HOSTNAME: "0.0.0.0", AUTH_TRUST_HOST: "1" });
await import("./server.js");
`;

type Packed = { folder: string; bytes: number };
type Options = {
  /** The folder to make. */
  out?: string;
  /** Settings of this build, as amplify.yml writes them. */
  settingsFile?: string;
};

/** Makes the folder that Amplify deploys; builds first when a source has changed. Throws when it is greater than Amplify takes. */
export async function packAmplify({
  out = path.join(ROOT, ".amplify-hosting"),
  settingsFile = path.join(ROOT, ".env.production"),
}: Options = {}): Promise<Packed> {
  const { folder } = await ensureBuild();
  const compute = path.join(out, "compute", "default");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(path.join(out, "compute"), { recursive: true });
  mkdirSync(path.join(out, "static", "_next"), { recursive: true });
  // -L: Amplify's bundler stumbles over links, and Next leaves some that point outside.
  await run("cp", ["-RL", folder, compute]);
  const ownNext = path.join(compute, ".next", "static");
  await run("cp", ["-RL", ownNext, path.join(out, "static", "_next", "static")]);
  // The edge has them: a copy in the server would count against the limit and never be asked for.
  rmSync(ownNext, { recursive: true });
  const files = moveOwnFiles(compute, path.join(out, "static"));
  takeSettings(settingsFile, path.join(compute, ".env.production"));
  const authority = path.join(ROOT, "database-ca.pem");
  if (existsSync(authority)) cpSync(authority, path.join(compute, "database-ca.pem"));
  writeFileSync(path.join(compute, "entry.mjs"), ENTRY);
  writeFileSync(path.join(out, "deploy-manifest.json"), `${JSON.stringify(manifestFor(files), null, 2)}\n`);
  return { folder: out, bytes: measure(out) };
}

/** Moves `public/` to the edge; gives the paths that it answers. */
function moveOwnFiles(compute: string, edge: string): string[] {
  const folder = path.join(compute, "public");
  if (!existsSync(folder)) return [];
  cpSync(folder, edge, { recursive: true });
  rmSync(folder, { recursive: true });
  return readdirSync(edge, { withFileTypes: true })
    .filter(({ name }) => name !== "_next")
    .map((entry) => (entry.isDirectory() ? `/${entry.name}/*` : `/${entry.name}`));
}

/** Each file of `public/` has a route of its own: a rule for whatever has a dot in it would send pages and files of firms past the edge's cache as well. */
function manifestFor(files: readonly string[]) {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, "node_modules", "next", "package.json"), "utf8"));
  const brief = { kind: "Static", cacheControl: "public, max-age=300" };
  return {
    version: 1,
    framework: { name: "next", version },
    routes: [
      { path: "/_next/static/*", target: { kind: "Static", cacheControl: "public, max-age=31536000, immutable" } },
      ...files.map((file) => ({ path: file, target: brief })),
      { path: "/*", target: { kind: "Compute", src: "default" } },
    ],
    computeResources: [{ name: "default", entrypoint: "entry.mjs", runtime: "nodejs22.x" }],
  };
}

/** Refuses a file that holds anything but the settings above, by name: a value could be the secret that must not be printed. */
function takeSettings(from: string, to: string): void {
  rmSync(to, { force: true });
  if (!existsSync(from)) return;
  const text = readFileSync(from, "utf8");
  const names = text.split("\n").flatMap((line) => (/^\s*(#|$)/.test(line) ? [] : [(line.split("=")[0] ?? "").trim()]));
  const others = names.filter((name) => !ALLOWED_SETTINGS.includes(name));
  if (others.length > 0)
    throw new Error(
      `${path.basename(from)} holds ${others.map((name) => (/^\w+$/.test(name) ? name : "a line that is no setting")).join(", ")}, which no build is given: secrets belong in Secrets Manager (SECRETS_ARN).`,
    );
  writeFileSync(to, text);
}

function measure(out: string): number {
  const entries = readdirSync(out, { recursive: true, withFileTypes: true });
  if (entries.some((entry) => entry.isSymbolicLink()))
    throw new Error("a link is left: Amplify's bundler stumbles over them");
  const bytes = entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
  if (bytes > MAX_BYTES) throw new Error(`${bytes} bytes are more than the ${MAX_BYTES} that Amplify takes`);
  return bytes;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { folder, bytes } = await packAmplify();
  console.log(`packed ${(bytes / 1e6).toFixed(1)} MB into ${path.relative(ROOT, folder)}`);
}
