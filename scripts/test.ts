// `npm test`: everything, unit to browser. Arguments go to vitest: npm test -- tests/core
import { spawn } from "node:child_process";
import path from "node:path";
import { ensureGenerated } from "./generate";
import { ROOT } from "./repository";

await ensureGenerated();
const vitest = path.join(ROOT, "node_modules", "vitest", "vitest.mjs");
const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "test", NEXT_TELEMETRY_DISABLED: "1" };
const child = spawn(process.execPath, [vitest, "run", ...process.argv.slice(2)], { cwd: ROOT, stdio: "inherit", env });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
process.on("disconnect", () => child.kill("SIGTERM"));
child.once("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
