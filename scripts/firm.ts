// `npm run firm -- <command>`: makes, shuts, opens, exports, closes and erases firms. docs/how-to/run-firms.md walks through it.
import { endWith } from "./command-end";
import { firmEnvironment } from "./firm/environment";

await endWith(async () => {
  // Before anything of lib/ is loaded, which reads its settings once.
  Object.assign(process.env, firmEnvironment());
  const { runFirmCommand } = await import("./firm/commands");
  console.log(await runFirmCommand(process.argv.slice(2)));
  return 0;
});
