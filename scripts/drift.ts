// Says what the migrations and prisma/schema disagree about: `tsx scripts/drift.ts` on its own throw-away server.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bootstrapDatabase } from "./bootstrap-database";
import { startPostgres } from "./embedded-postgres";
import { migrate } from "./migrate";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/**
 * Compares a migrated database with prisma/schema. Gives the SQL that would lead from the one to the other, "" when they agree.
 * Prisma does not see policies, checks, triggers, functions and grants: those have tests of their own.
 */
export async function findDrift(databaseUrl: string): Promise<string> {
  const prisma = path.join(root, "node_modules", "prisma", "build", "index.js");
  const args = [
    "migrate",
    "diff",
    "--from-config-datasource",
    "--to-schema",
    path.join("prisma", "schema"),
    "--script",
  ];
  const child = spawn(process.execPath, [prisma, ...args, "--exit-code"], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PRISMA_SCHEMA_ENGINE_BINARY: path.join(root, "scripts", "schema-engine.mjs"),
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let sql = "";
  let words = "";
  child.stdout.on("data", (chunk) => {
    sql += chunk;
  });
  child.stderr.on("data", (chunk) => {
    words += chunk;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code === 0) return "";
  if (code === 2) return sql.trim();
  throw new Error(`prisma migrate diff failed (${code}): ${words || sql}`);
}

async function main(): Promise<void> {
  const base = mkdtempSync(path.join(tmpdir(), "arrestra-drift-"));
  const server = await startPostgres(base, { durable: false });
  try {
    const { ownerUrl } = await bootstrapDatabase(server, "drift", { owner: "owner", app: "app", platform: "platform" });
    await migrate({ databaseUrl: ownerUrl });
    const drift = await findDrift(ownerUrl);
    console.log(drift || "prisma/schema and the migrations agree");
    process.exitCode = drift ? 1 : 0;
  } finally {
    await server.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
