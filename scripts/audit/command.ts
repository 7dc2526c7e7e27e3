import { parseArgs } from "node:util";
import { openSettings } from "./open-settings";

/** Verifies the audit chains of the firms that are asked for, all by default. @throws Error when one is broken, after it was said of which. */
export async function verifyAudit(args: string[], say: (line: string) => void): Promise<number> {
  const { values } = parseArgs({ args, options: { firm: { type: "string" }, head: { type: "string" } } });
  const { settings, of, close } = await openSettings();
  try {
    // Before anything of lib/ is loaded, which reads its settings once.
    Object.assign(process.env, settings);
    const { verifyFirms } = await import("./verify-firms");
    say(
      `The audit chains of ${of}, held against the heads in ${process.env.AUDIT_HEADS_BUCKET || process.env.AUDIT_HEADS_DIR}:`,
    );
    if (await verifyFirms({ slug: values.firm, headFile: values.head }, say)) return 0;
    throw new Error("A chain is broken. docs/runbooks/audit-alarm.md says what to do.");
  } finally {
    const { closeDatabase } = await import("@/lib/platform/db");
    await closeDatabase();
    await close();
  }
}
