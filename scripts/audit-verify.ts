// `npm run audit:verify [-- --firm SLUG] [--head FILE]`: walks the audit chain of each firm against every signed head and names the first bad row.
// docs/runbooks/audit-alarm.md says what to do then.
import { verifyAudit } from "./audit/command";
import { endWith } from "./command-end";

await endWith(() => verifyAudit(process.argv.slice(2), console.log));
