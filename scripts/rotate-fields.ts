// `npm run rotate:fields [-- --batch ROWS]`: seals every encrypted value of every firm with the first key of FIELD_KEYS. Safe beside everything that runs, and
// to break off and start again. docs/how-to/rotate-secrets.md has the steps before and after.
import { endWith } from "./command-end";
import { rotateAllFields } from "./fields/command";

await endWith(() => rotateAllFields(process.argv.slice(2), console.log));
