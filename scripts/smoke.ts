// After a deploy: `npm run smoke -- https://arrestra.example --firm smithlaw [--release ID] [--other-firm riverbend]`. Asks from outside whether what keeps firms
// apart is there. Needs no secret; SMOKE_API_KEY and SMOKE_OPERATOR_TOKEN let it ask a little more. One line per probe; ends with 1 when one fails.
import path from "node:path";
import { parseArgs } from "node:util";
import { readMigrations } from "./migration/read-migrations";
import { ROOT } from "./repository";
import { askOverNetwork } from "./smoke/ask";
import { runProbes } from "./smoke/run-probes";

const USAGE = "npm run smoke -- https://arrestra.example --firm <slug> [--release <id>] [--other-firm <slug>]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { firm: { type: "string" }, release: { type: "string" }, "other-firm": { type: "string" } },
});
const [address] = positionals;
const { firm, release, "other-firm": otherFirm } = values;
if (!address || !URL.canParse(address) || !firm) {
  console.error(USAGE);
  process.exit(2);
}
const base = new URL(address);
// Plain http leaves out what only https can show, so it is for a server on this machine alone.
if (base.protocol !== "https:" && !/(^|\.)localhost$/.test(base.hostname)) {
  console.error(`${address} is not https. ${USAGE}`);
  process.exit(2);
}
const { SMOKE_API_KEY: key, SMOKE_OPERATOR_TOKEN: operatorToken } = process.env;
const migration = readMigrations(path.join(ROOT, "prisma", "migrations")).at(-1)?.name;
const target = {
  base,
  firm,
  ...(release ? { release } : {}),
  ...(otherFirm ? { otherFirm } : {}),
  ...(key ? { key } : {}),
  ...(migration ? { migration } : {}),
  ...(operatorToken ? { operatorToken } : {}),
};
const { failed } = await runProbes(target, askOverNetwork, console.log);
process.exit(failed.length > 0 ? 1 : 0);
