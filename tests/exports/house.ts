import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { AskExport, type ExportDto } from "@/lib/contracts/exports";
import type { Clock } from "@/lib/core/clock";
import type { Ctx } from "@/lib/domain/context/ctx";
import { askExport } from "@/lib/domain/reports/exports/ask-export";
import { openExport } from "@/lib/domain/reports/exports/open-export";
import { prepareExport } from "@/lib/domain/reports/exports/prepare-export";
import { jobCtx } from "@/lib/jobs/job-ctx";
import type { FileStore } from "@/lib/platform/file-store";
import { folderStore } from "@/lib/platform/folder-store";
import { asOwner, type TestFirm } from "../setup/firms";

/** Asks as the API does: what is left out of the filter gets its default. */
export const ask = (ctx: Ctx, kind: "leads" | "audit" = "leads", filter: object = {}): Promise<ExportDto> =>
  askExport(ctx, AskExport.parse({ kind, filter }));

/** Does the job of an export. */
export const prepare = (firm: TestFirm, clock: Clock, id: string, options = {}): Promise<void> =>
  prepareExport(jobCtx(firm.id, "export.prepare", clock), id, options);

/** Asks for an export and does its job. */
export async function prepared(ctx: Ctx, firm: TestFirm, clock: Clock, kind?: "leads" | "audit", filter?: object) {
  const { id } = await ask(ctx, kind, filter);
  await prepare(firm, clock, id);
  return id;
}

/** The file of an export, as text. */
export async function textOf(ctx: Ctx, id: string): Promise<string> {
  const opened = await openExport(ctx, id);
  if (opened.link !== null) throw new Error("A folder has no links.");
  return new Response(opened.stream).text();
}

/** What lies in the firm's folder, hidden files too. */
export const filesOfFirm = (firm: TestFirm): string[] => {
  const folder = path.join(process.env.FILES_DIR ?? "", "exports", firm.id);
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** The firm's jobs of this kind that wait. */
export const jobsFor = (firm: TestFirm, id: string): Promise<number> =>
  asOwner(firm.id, async (client) => {
    const { rows } = await client.query(
      "SELECT 1 FROM pgboss.job WHERE name = 'export.prepare' AND state = 'created' AND data->>'exportId' = $1",
      [id],
    );
    return rows.length;
  });

/** The folder of the tests, with another way to write. */
export const withWrite = (write: FileStore["write"]): FileStore => ({
  ...folderStore(process.env.FILES_DIR ?? ""),
  write,
});

/** Changes a row as the owner of the tables would. */
export const change = (firm: TestFirm, sql: string, values: unknown[] = []): Promise<unknown> =>
  asOwner(firm.id, (client) => client.query(sql, values));
