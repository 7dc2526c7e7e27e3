// Builds the web server into a folder of its own, which `npm start`, the tests and Amplify run with plain `node server.js`.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ensureGenerated } from "./generate";
import { hashFiles } from "./hash-files";
import { withLock } from "./lock-file";
import { NEXT, ROOT, STATE } from "./repository";
import { run, runNode } from "./run";

const BUILDS = path.join(STATE, "builds");
const KEPT_BUILDS = 4;
const RELEASE = /^[\w.-]{1,64}$/;
const SOURCES = [
  ...["app", "lib", "public", "middleware.ts", "instrumentation.ts", "prisma/schema"],
  ...["next.config.js", "postcss.config.mjs", "tsconfig.json", "package.json", "package-lock.json", ".env.production"],
];

/**
 * Gives the folder with `server.js`, its static files beside it. Builds only when a source has changed since; the folder is named by
 * the hash of the sources, so a new build never touches the files of a running server. The release is `ARRESTRA_RELEASE`, else that hash.
 */
export async function ensureBuild({
  release = process.env.ARRESTRA_RELEASE,
}: {
  release?: string;
} = {}): Promise<{ folder: string; built: boolean }> {
  if (release && !RELEASE.test(release))
    throw new Error(`A release is named by letters, digits, ".", "_" and "-": ${release}`);
  return withLock(path.join(STATE, "build.lock"), async () => {
    await ensureGenerated();
    const hash = hashSources();
    const folder = path.join(BUILDS, release ? `${hash}-${release}` : hash);
    if (existsSync(folder)) return { folder, built: false };
    const env = { ...process.env, ARRESTRA_RELEASE: release || hash };
    await runNode([NEXT, "build"], { env: { ...env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" } });
    // A build of sources that changed under it is of neither state, and would be found under the name of the first.
    if (hashSources() !== hash) throw new Error("A source changed while it was built. Build again.");
    await pack(folder);
    removeOldBuilds();
    return { folder, built: true };
  });
}

const hashSources = (): string => hashFiles(ROOT, SOURCES, (file) => file.startsWith("lib/platform/generated/"));

/** What a web server is made of. Next copies along what it believes to be read by it, which may be anything of the repository, settings and secrets included. */
export const WEB_PARTS = [".next", "node_modules", "package.json", "server.js"];

/** Next leaves the static files out of its standalone folder, and links in it that point outside. */
async function pack(folder: string): Promise<void> {
  const fresh = `${folder}.fresh`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const standalone = path.join(ROOT, ".next", "standalone");
  await run("cp", ["-RL", ...WEB_PARTS.map((part) => path.join(standalone, part)), fresh]);
  await run("cp", ["-RL", path.join(ROOT, ".next", "static"), path.join(fresh, ".next", "static")]);
  if (existsSync(path.join(ROOT, "public")))
    await run("cp", ["-RL", path.join(ROOT, "public"), path.join(fresh, "public")]);
  renameSync(fresh, folder);
}

function removeOldBuilds(): void {
  const age = (name: string) => statSync(path.join(BUILDS, name)).mtimeMs;
  const oldest = readdirSync(BUILDS)
    .sort((a, b) => age(b) - age(a))
    .slice(KEPT_BUILDS);
  for (const name of oldest) rmSync(path.join(BUILDS, name), { recursive: true, force: true });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { folder, built } = await ensureBuild();
  console.log(`${built ? "built" : "nothing has changed since"} ${path.relative(ROOT, folder)}`);
}
