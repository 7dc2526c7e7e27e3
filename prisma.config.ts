import path from "node:path";
import { defineConfig } from "prisma/config";

// Every prisma command looks for a schema-engine binary and would download it. `generate` and `validate` never start it, so any
// program that exists will do; scripts/drift.ts names scripts/schema-engine.mjs, which really answers.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
process.env.CHECKPOINT_DISABLE ??= "1";

export default defineConfig({
  schema: path.join("prisma", "schema"),
  migrations: { path: path.join("prisma", "migrations") },
  datasource: { url: process.env.DATABASE_URL ?? "" },
});
