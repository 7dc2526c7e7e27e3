// `npm run capacity`: measures what each piece of work costs on this machine. docs/cost-and-capacity.md makes a model of it: `npm run docs` after --write.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { COUNTS, measure } from "./capacity/measure";
import { MEASURED_FILE, measuredTable, planTable } from "./capacity/page";
import { withLock } from "./lock-file";
import { STATE } from "./repository";

const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    /** Does everything once, to see that it works: its figures mean nothing. */
    quick: { type: "boolean", default: false },
    server: { type: "string" },
  },
});
if (values.quick && values.write) throw new Error("What --quick measures is not worth keeping: leave one of them out.");

await withLock(path.join(STATE, "bench.lock"), async () => {
  console.log(
    "Building when a source has changed, starting PostgreSQL and the web server, then measuring for some minutes ...",
  );
  const measured = await measure(COUNTS[values.quick ? "quick" : "whole"], values.server);
  console.log(`${measuredTable(measured)}\n\n${planTable(measured)}`);
  if (!values.write) return;
  writeFileSync(MEASURED_FILE, `${JSON.stringify(measured, null, 2)}\n`);
  console.log("Written. Now: npm run docs");
});
