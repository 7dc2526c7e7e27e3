// `npm run capacity`: measures what each piece of work costs on this machine. docs/cost-and-capacity.md makes a model of it: `npm run docs` after --write.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { measure } from "./capacity/measure";
import { MEASURED_FILE, measuredTable, planTable } from "./capacity/page";
import { withLock } from "./lock-file";
import { STATE } from "./repository";

const { values } = parseArgs({ options: { write: { type: "boolean", default: false }, server: { type: "string" } } });

await withLock(path.join(STATE, "bench.lock"), async () => {
  console.log(
    "Building when a source has changed, starting PostgreSQL and the web server, then measuring for some minutes ...",
  );
  const measured = await measure(values.server);
  console.log(`${measuredTable(measured)}\n\n${planTable(measured)}`);
  if (!values.write) return;
  writeFileSync(MEASURED_FILE, `${JSON.stringify(measured, null, 2)}\n`);
  console.log("Written. Now: npm run docs");
});
