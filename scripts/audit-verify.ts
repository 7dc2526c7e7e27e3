// `npm run audit:verify [-- --firm SLUG] [--head FILE]`: walks the audit chain of each firm against every signed head and names the first bad row.
// docs/runbooks/audit-alarm.md says what to do then.
import { parseArgs } from "node:util";
import { openSettings } from "./audit/open-settings";

let close: (() => Promise<void>) | undefined;
try {
  const { values } = parseArgs({ options: { firm: { type: "string" }, head: { type: "string" } } });
  const opened = await openSettings();
  close = opened.close;
  // Before anything of lib/ is loaded, which reads its settings once.
  Object.assign(process.env, opened.settings);
  const { verifyFirms } = await import("./audit/verify-firms");
  const url = new URL(process.env.APP_DATABASE_URL ?? "");
  console.log(
    `The audit chains of ${url.host}${url.pathname}, held against the heads in ${process.env.AUDIT_HEADS_BUCKET || process.env.AUDIT_HEADS_DIR}:`,
  );
  const isWhole = await verifyFirms({ slug: values.firm, headFile: values.head }, console.log);
  if (!isWhole) {
    console.error("A chain is broken. docs/runbooks/audit-alarm.md says what to do.");
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  const { closeDatabase } = await import("@/lib/platform/db");
  await closeDatabase();
  await close?.();
}
