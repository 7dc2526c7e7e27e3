// Finds the Chromium that the browser tests and the browser fetcher drive: the one from npm, or CHROMIUM_PATH.
import { randomUUID } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { brotliDecompressSync, createBrotliDecompress } from "node:zlib";
import { unpackTar } from "./unpack-tar";

/** What `chromium.launch()` of playwright needs. */
export type ChromiumLaunch = { executablePath: string; env: Record<string, string>; args: string[] };

/** Unpacks Chromium at the first call (some seconds, kept between runs); afterwards only answers. */
export async function chromiumLaunch(): Promise<ChromiumLaunch> {
  const args = ["--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]));
  if (process.env.CHROMIUM_PATH) return { executablePath: process.env.CHROMIUM_PATH, env, args };
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("npm has Chromium for Linux x64 only: set CHROMIUM_PATH to an installed Chromium or Chrome.");
  }
  const folder = await unpackedChromium();
  return {
    executablePath: path.join(folder, "chromium"),
    env: { ...env, LD_LIBRARY_PATH: path.join(folder, "lib"), FONTCONFIG_FILE: path.join(folder, "fonts.conf") },
    args,
  };
}

/** The same Chromium as settings of a scraper process. */
export async function chromiumSettings(): Promise<Record<string, string>> {
  const { executablePath, env } = await chromiumLaunch();
  const { LD_LIBRARY_PATH = "", FONTCONFIG_FILE = "" } = env;
  return { CHROMIUM_PATH: executablePath, ...(LD_LIBRARY_PATH ? { LD_LIBRARY_PATH, FONTCONFIG_FILE } : {}) };
}

/** The folder of the Chromium of npm, unpacked at the first call: `chromium`, its libraries in `lib`, `fonts` and their settings. */
export async function unpackedChromium(): Promise<string> {
  const packageDir = path.resolve(path.dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..");
  const { version } = JSON.parse(readFileSync(path.join(packageDir, "package.json"), "utf8")) as { version: string };
  const folder = path.join(cacheFolder(), `chromium-${version}`);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}-${randomUUID()}`;
  mkdirSync(fresh);
  try {
    await unpackInto(fresh, path.join(packageDir, "bin"));
    writeFileSync(path.join(fresh, "fonts.conf"), fontsConf(path.join(folder, "fonts")));
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else another process was quicker
  }
  return folder;
}

async function unpackInto(folder: string, bin: string): Promise<void> {
  const executable = path.join(folder, "chromium");
  const source = createReadStream(path.join(bin, "chromium.br"), { highWaterMark: 1 << 20 });
  await pipeline(source, createBrotliDecompress({ chunkSize: 1 << 20 }), createWriteStream(executable));
  chmodSync(executable, 0o755);
  for (const name of ["al2023", "fonts"]) {
    unpackTar(brotliDecompressSync(readFileSync(path.join(bin, `${name}.tar.br`))), folder);
  }
}

/** The machine's own fonts, if it has any, and the one that came along. */
export function fontsConf(fonts: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${fonts.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
}

/** A folder of our own: programs are run from it, so nobody else may be able to put them there. */
function cacheFolder(): string {
  const wanted = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "arrestra");
  for (const folder of [wanted, path.join(tmpdir(), `arrestra-cache-${process.getuid?.() ?? "user"}`)]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.W_OK);
    } catch {
      continue;
    }
    const stat = lstatSync(folder);
    if (stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0) return folder;
  }
  throw new Error("There is no folder of our own to unpack Chromium into: set HOME or TMPDIR.");
}
