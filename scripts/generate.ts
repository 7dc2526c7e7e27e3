// Generates the Prisma client (lib/platform/generated, not committed) when the schema has changed.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { hashFiles } from "./hash-files";
import { PRISMA, ROOT } from "./repository";
import { runNode } from "./run";

const GENERATED = path.join(ROOT, "lib", "platform", "generated", "prisma");
const STAMP = path.join(GENERATED, ".schema-hash");

/** Gives true when it had to generate, false when the client was up to date. */
export async function ensureGenerated(): Promise<boolean> {
  const hash = hashFiles(ROOT, ["prisma/schema", "prisma.config.ts", "node_modules/prisma/package.json"]);
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === hash) return false;
  await runNode([PRISMA, "generate"], { env: { ...process.env, PRISMA_HIDE_UPDATE_MESSAGE: "1" } });
  writeFileSync(STAMP, hash);
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await ensureGenerated();
