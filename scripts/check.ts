// `npm run check`: format and lint, types, unused code, migrations, architecture and documents. Seconds, and no database.
import { existsSync } from "node:fs";
import path from "node:path";
import { ensureGenerated } from "./generate";
import { ROOT } from "./repository";
import { run } from "./run";
import { step } from "./start/steps";

const bin = (name: string) => path.join(ROOT, "node_modules", ".bin", name);
const suites = ["tests/architecture", "tests/docs", "tests/house"].filter((folder) =>
  existsSync(path.join(ROOT, folder)),
);
const checks: [title: string, command: string, args: string[]][] = [
  ["Format and lint", bin("biome"), ["check", "--error-on-warnings"]],
  ["Types", bin("tsc"), ["--noEmit"]],
  ["Unused code", bin("knip"), []],
  ["Migrations", process.execPath, ["--import", "tsx", "scripts/migration/lint-migrations.ts"]],
  ["Architecture and documents", bin("vitest"), ["run", "--project", "pure", ...suites]],
];

await ensureGenerated();
let failed = 0;
for (const [title, command, args] of checks) {
  try {
    await step(title, () => run(command, args));
  } catch (error) {
    failed++;
    console.error(`${error instanceof Error ? error.message : error}\n`);
  }
}
process.exit(failed > 0 ? 1 : 0);
