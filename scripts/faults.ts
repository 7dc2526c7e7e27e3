// `npm run faults`: plays each fault on real parts, and beside it the same fault without what protects from it. docs/reliability.md says what each means.
import path from "node:path";
import { choose, exitCodeOf, playAll, readOptions, USAGE } from "./faults/command";
import { withLock } from "./lock-file";
import { STATE } from "./repository";

const options = readOptions(process.argv.slice(2));
// Verbs read the settings of this process when they are first called, which is after the house has set them.
const { FAULTS } = await import("./faults/all");
if (options.isHelp) console.log(USAGE);
else if (options.isList) for (const { name, invariant } of FAULTS) console.log(`${name.padEnd(20)} ${invariant}`);
else await withLock(path.join(STATE, "faults.lock"), play);

async function play(): Promise<void> {
  const faults = choose(FAULTS, options.names);
  const [{ startHouse }, { keep, toTerminal, writeDocument }] = await Promise.all([
    import("./faults/house"),
    import("./faults/report"),
  ]);
  console.log("Building when a source has changed, starting PostgreSQL ...");
  const house = await startHouse(options.server ? { server: options.server } : {});
  let leaving: Promise<void> | undefined;
  // Heard twice (a terminal tells us and who started us), it is still one leave.
  const leave = () => {
    leaving ??= house.close().finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, leave);
  process.once("disconnect", leave);
  // A play that ran out of time goes on for a moment, on parts that are gone.
  process.on("unhandledRejection", (error) =>
    console.log(`    left behind: ${error instanceof Error ? error.message : error}`),
  );
  try {
    const postgres = await house.describePostgres();
    const outcomes = await playAll(faults, options.size, { open: house.open, say: console.log });
    const kept = keep(outcomes, postgres);
    if (options.isWrite) writeDocument(kept, FAULTS);
    console.log(`\n${toTerminal(outcomes)}`);
    process.exitCode = exitCodeOf(outcomes);
  } finally {
    if (!leaving) await house.close();
    // Who listens for it keeps the process alive.
    process.removeListener("disconnect", leave);
  }
}
