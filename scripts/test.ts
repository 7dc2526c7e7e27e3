// `npm test`: everything, unit to browser. Arguments go to vitest: npm test -- tests/core
import { spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { ensureGenerated } from "./generate";
import { ROOT, STATE } from "./repository";

await ensureGenerated();
const vitest = path.join(ROOT, "node_modules", "vitest", "vitest.mjs");
// Each file of tests is a process of its own that loads the same packages: Node compiles them once.
const NODE_COMPILE_CACHE = path.join(STATE, "compile-cache");
const env: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_ENV: "test",
  NEXT_TELEMETRY_DISABLED: "1",
  NODE_COMPILE_CACHE,
};
const asked = process.argv.slice(2);
const builder = asked.length === 0 ? buildMeanwhile() : undefined;
const child = spawn(process.execPath, [vitest, "run", ...asked], { cwd: ROOT, stdio: "inherit", env });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
process.on("disconnect", () => child.kill("SIGTERM"));
child.once("exit", (code, signal) => {
  builder?.kill();
  process.exit(signal ? 1 : (code ?? 1));
});

/**
 * What the last groups of tests drive is built with what the first leave of the processor, instead of while all wait for it. A build that fails here fails
 * again, in words, in the first test that asks for it.
 */
function buildMeanwhile() {
  const build = path.join(ROOT, "scripts", "build.ts");
  const started = spawn(process.execPath, ["--import", "tsx", build], { cwd: ROOT, stdio: "ignore", env });
  started.once("spawn", () => started.pid && os.setPriority(started.pid, os.constants.priority.PRIORITY_LOW));
  return started;
}
