import type { ImportDto, ImportProblem } from "@/lib/contracts/imports";
import type { County } from "@/lib/core/county";
import type { ImportMapping } from "@/lib/core/import-fields";
import type { Ctx } from "@/lib/domain/context/ctx";
import { beginImport } from "@/lib/domain/leads/imports/begin-import";
import { changeMapping } from "@/lib/domain/leads/imports/change-mapping";
import { checkImport } from "@/lib/domain/leads/imports/check-import";
import { getImport, listImportProblems } from "@/lib/domain/leads/imports/list-imports";
import { receiveImportFile } from "@/lib/domain/leads/imports/receive-file";
import { runImport } from "@/lib/domain/leads/imports/run-import";
import { askCheck, askRun, askUndo } from "@/lib/domain/leads/imports/start-work";
import { undoImport } from "@/lib/domain/leads/imports/undo-import";
import { asOwner } from "../setup/firms";

/** Headings that every field is guessed from. */
export const HEADINGS = "Id,Name,DOB,County,Arrest date,Charges,Bail,Cause number,Phone,Email";

/** A line of a file under these headings. */
export const line = (
  id: string,
  over: Partial<Record<"name" | "born" | "county" | "arrested" | "bail" | "phone", string>> = {},
) =>
  [
    id,
    `"${over.name ?? `FICTUS, ${id.replace(/[^a-z]/gi, "")} Ada`}"`,
    over.born ?? "3/14/1990",
    over.county ?? "Hays County",
    over.arrested ?? "11/20/2026 9:37 PM",
    "DWI; THEFT",
    `"${over.bail ?? "$5,000.00"}"`,
    "26-100",
    over.phone ?? "",
    "",
  ].join(",");

export const fileOf = (...lines: string[]): string => `${[HEADINGS, ...lines].join("\r\n")}\r\n`;

export async function* bytesOf(text: string | Buffer) {
  yield Buffer.from(text);
}

/** The job of the firm, at the time of whoever asked. */
export const jobOf = (ctx: Ctx): Ctx => ({ ...ctx, actor: { type: "job", id: "import" } });

/** A file that has come. */
export async function upload(ctx: Ctx, text: string | Buffer, filename = "list.csv"): Promise<ImportDto> {
  const { import: begun } = await beginImport(ctx, { filename, bytes: text.length });
  return receiveImportFile(ctx, begun.id, bytesOf(text));
}

type Choice = { mapping?: ImportMapping; county?: County };

/** A file that was looked through. */
export async function checked(ctx: Ctx, text: string | Buffer, { mapping, county }: Choice = {}): Promise<ImportDto> {
  const { id, mapping: guessed } = await upload(ctx, text);
  if (mapping || county) await changeMapping(ctx, id, { mapping: mapping ?? guessed, county: county ?? null });
  await askCheck(ctx, id);
  await checkImport(jobOf(ctx), id);
  return read(ctx, id);
}

/** A file that was imported. */
export async function imported(ctx: Ctx, text: string | Buffer, choice: Choice = {}): Promise<ImportDto> {
  const { id } = await checked(ctx, text, choice);
  await askRun(ctx, id);
  await runImport(jobOf(ctx), id);
  return read(ctx, id);
}

export async function undone(ctx: Ctx, id: string): Promise<ImportDto> {
  await askUndo(ctx, id);
  await undoImport(jobOf(ctx), id);
  return read(ctx, id);
}

export const read = async (ctx: Ctx, id: string): Promise<ImportDto> => (await getImport(ctx, id)).import;

export const problemsOf = async (ctx: Ctx, id: string): Promise<ImportProblem[]> =>
  (await listImportProblems(ctx, id, { limit: 100 })).problems;

/** What an import counts. */
export const countsOf = ({ created, updated, unchanged, rejected, suppressed }: ImportDto) => ({
  created,
  updated,
  unchanged,
  rejected,
  suppressed,
});

/** Everything of a firm that an import could write, beside the import itself. */
export const footprint = (tenantId: string) =>
  asOwner(tenantId, async (client) => {
    const { rows } = await client.query(
      `SELECT (SELECT json_agg(l ORDER BY id) FROM lead l WHERE tenant_id = $1) AS leads, (SELECT count(*) FROM observation WHERE tenant_id = $1) AS seen,
        (SELECT count(*) FROM contact_point WHERE tenant_id = $1) AS contacts, (SELECT count(*) FROM ingest_batch WHERE tenant_id = $1) AS batches`,
      [tenantId],
    );
    return rows[0] as {
      leads: { id: string; source_id: string; withdrawn_at: string | null }[] | null;
      contacts: string;
    };
  });
