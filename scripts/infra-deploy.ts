// Deploys with the CDK's command line: npm run infra:deploy -- diff, npm run infra:deploy -- deploy --all. Settings: infra/cdk.json or -c name=value.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, STATE } from "./repository";

const [command = "diff", ...rest] = process.argv.slice(2);
const cdk = fileURLToPath(import.meta.resolve("aws-cdk/bin/cdk"));
const output = path.join(STATE, "cdk", "deploy");
const done = spawnSync(process.execPath, [cdk, command, "--output", output, "--no-notices", ...rest], {
  cwd: path.join(ROOT, "infra"),
  stdio: "inherit",
  env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: "true" },
});
process.exit(done.status ?? 1);
