import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "@/lib/core/clock";
import type { AuditLog } from "./audit-log";

/** Lines in files of this machine, one for each day (UTC) on which they were written. They are on the disk when `write` returns. */
export function folderAuditLog(folder: string, clock: Clock): AuditLog {
  return {
    async write(lines) {
      if (lines.length === 0) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = `${clock.now().toISOString().slice(0, 10)}.jsonl`;
      // The word is to the bundler, which would take the name for any file of the repository.
      const handle = await open(path.join(/* turbopackIgnore: true */ folder, name), "a", 0o600);
      try {
        await handle.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}
