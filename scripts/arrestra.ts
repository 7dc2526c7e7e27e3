// `npm run arrestra -- <command>`: what whoever runs the platform does by hand, under one word; `arrestra ...` in the image. docs/how-to/run-firms.md and the
// runbooks use it.
import { runArrestra } from "./arrestra/run-command";
import { endWith } from "./command-end";

await endWith(() => runArrestra(process.argv.slice(2), console.log, console.error));
