// `npm run firm -- <command>`: makes, shuts, opens, exports, closes and erases firms. docs/how-to/run-firms.md walks through it.
import { firmEnvironment } from "./firm/environment";

try {
  // Before anything of lib/ is loaded, which reads its settings once.
  Object.assign(process.env, firmEnvironment());
  const { runFirmCommand } = await import("./firm/commands");
  console.log(await runFirmCommand(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
const { closeDatabase } = await import("@/lib/platform/db");
await closeDatabase();
