// Makes the folders that the Dockerfile copies into its images: programs of plain JavaScript with what they need beside them, and nothing else. An image that
// copies a folder cannot leave something out of it, and the folder can be tested without an image.
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuild, WEB_PARTS } from "./build";
import { fontsConf, unpackedChromium } from "./chromium";
import { bundle } from "./container/bundle";
import { copyPackages } from "./container/copy-packages";
import { ensureGenerated } from "./generate";
import { ROOT, STATE } from "./repository";
import { run } from "./run";

/** Where the scraper's image keeps Chromium. */
const CHROMIUM = "/opt/chromium";
/** Lambda's machine is the sandbox, and lets Chromium make none of its own. */
const LAUNCH = `#!/bin/sh
export LD_LIBRARY_PATH=${CHROMIUM}/lib FONTCONFIG_FILE=${CHROMIUM}/fonts.conf
exec ${CHROMIUM}/chromium --no-sandbox --no-zygote "$@"
`;

/** Looked for by its name at run time: lib/integrations/kickbox.ts says why. */
const BY_NAME = ["kickbox"];

type Packed = { folder: string; bytes: number };

/** The folder of the image `app`: web server, workers and the commands of operators, all started through `entry.mjs`. Builds first when a source has changed. */
export async function packContainer(out = path.join(STATE, "container")): Promise<Packed> {
  const { folder } = await ensureBuild();
  begin(out);
  mkdirSync(path.join(out, "web"));
  for (const name of WEB_PARTS) await run("cp", ["-R", path.join(folder, name), path.join(out, "web", name)]);
  await bundle({ out, entries: { entry: "scripts/container/entry.ts" }, packages: BY_NAME });
  copyPackages(BY_NAME, out);
  for (const name of ["migrations", "bootstrap.sql"])
    cpSync(path.join(ROOT, "prisma", name), path.join(out, "prisma", name), { recursive: true });
  return finish(out);
}

/**
 * The folders of the image `scraper`: `task` with the handler `workers/lambda.handler`, and Chromium unpacked, which npm has for Linux x64 alone.
 */
export async function packScraper(out = path.join(STATE, "container-scraper")): Promise<Packed> {
  await ensureGenerated();
  begin(out);
  const task = path.join(out, "task");
  begin(task);
  const packages = ["playwright-core"];
  const alias = { playwright: "playwright-core" };
  await bundle({ out: task, entries: { "workers/lambda": "workers/lambda.ts" }, packages, alias });
  copyPackages(packages, task);
  const chromium = path.join(out, "chromium");
  await run("cp", ["-R", await unpackedChromium(), chromium]);
  writeFileSync(path.join(chromium, "fonts.conf"), fontsConf(`${CHROMIUM}/fonts`));
  writeFileSync(path.join(chromium, "launch"), LAUNCH, { mode: 0o755 });
  return finish(out);
}

/** An old folder would mix its files with the new ones. */
function begin(out: string): void {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(
    path.join(out, "package.json"),
    `${JSON.stringify({ name: "arrestra", private: true, type: "module" })}\n`,
  );
}

/** Whoever runs the image is nobody's owner, and must be able to read what was packed with any umask. */
async function finish(out: string): Promise<Packed> {
  await run("chmod", ["-R", "u=rwX,go=rX", out]);
  const bytes = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, { parentPath, name }) => total + statSync(path.join(parentPath, name)).size, 0);
  return { folder: out, bytes };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const pack = process.argv[2] === "scraper" ? packScraper : packContainer;
  const { folder, bytes } = await pack();
  console.log(`packed ${path.relative(ROOT, folder)}: ${(bytes / 1024 / 1024).toFixed(1)} MB`);
}
