import type { ImportDto, KeptReason } from "@/lib/contracts/imports";
import { IMPORT_FIELDS, type ImportField } from "@/lib/core/import-fields";
import { countOf } from "./format";
import type { IconName } from "./icons";

export const isWorking = ({ state }: Pick<ImportDto, "state">): boolean =>
  state === "checking" || state === "importing" || state === "undoing";

/** Whether its columns can be chosen. */
export const isMappable = ({ state, failedAt, columns }: ImportDto): boolean =>
  columns !== null && (state === "mapping" || state === "checked" || (state === "failed" && failedAt === "checking"));

export type ImportStateWords = { icon: IconName; tone: string; words: string };

/** The state of an import: a mark and a phrase. */
export function importState(each: ImportDto): ImportStateWords {
  const { created, updated, state, problem } = each;
  switch (state) {
    case "uploading":
      return { icon: "clock", tone: "text-ink-3", words: "Waits for its file" };
    case "mapping":
      return { icon: "unset", tone: "text-ink-3", words: "Columns to be matched" };
    case "checking":
      return { icon: "clock", tone: "text-accent", words: `Looking through: ${rowsSoFar(each)}` };
    case "checked":
      return { icon: "eye", tone: "text-accent", words: "Looked through, not imported yet" };
    case "importing":
      return { icon: "clock", tone: "text-accent", words: `Importing: ${rowsSoFar(each)}` };
    case "done":
      return {
        icon: "check",
        tone: "text-good",
        words: `Imported: ${figure(created)} new, ${figure(updated)} updated`,
      };
    case "failed":
      return { icon: "warn", tone: "text-danger", words: problem ?? "Failed" };
    case "undoing":
      return { icon: "clock", tone: "text-accent", words: `Taking back: ${countOf(each.withdrawn, "lead")} so far` };
    case "undone":
      return {
        icon: "responded",
        tone: "text-ink-3",
        words: `Taken back: ${countOf(each.withdrawn, "lead")} dismissed`,
      };
  }
}

const figure = (count: number): string => count.toLocaleString("en-US");

function rowsSoFar({ rowsDone, rowsTotal }: ImportDto): string {
  return rowsTotal === null ? countOf(rowsDone, "row") : `${figure(rowsDone)} of ${countOf(rowsTotal, "row")}`;
}

/** What became of the rows, or would: each count with what it means. */
export function countLines(each: ImportDto): { label: string; count: number; why: string }[] {
  const isPast = each.state !== "checked" && each.state !== "checking";
  return [
    { label: isPast ? "New leads" : "Would be new leads", count: each.created, why: "" },
    {
      label: isPast ? "Updated" : "Would be updated",
      count: each.updated,
      why: "Leads of an earlier list that this one shows differently, or that were taken back",
    },
    { label: "Unchanged", count: each.unchanged, why: "Leads that are here already, as the file shows them" },
    {
      label: "Refused",
      count: each.rejected,
      why: `Rows that cannot be read as a lead${each.rejected > 0 ? "; they are below" : ""}`,
    },
    { label: "Never to come back", count: each.suppressed, why: "Records that were destroyed on an order" },
  ];
}

const KEPT_WORDS: Record<KeptReason, string> = {
  status: "moved in the pipeline since",
  note: "with a note",
  contact: "with a contact that the firm added",
  consultation: "with a consultation",
  seen_again: "in a later file too",
};

/** `2 with a note, 1 in a later file too`; empty when none was kept. */
export const keptWords = (kept: ImportDto["kept"]): string =>
  (Object.keys(KEPT_WORDS) as KeptReason[])
    .filter((reason) => kept[reason])
    .map((reason) => `${figure(kept[reason] ?? 0)} ${KEPT_WORDS[reason]}`)
    .join(", ");

/** A field as people know it; `row` is the whole row. */
export const fieldLabel = (field: ImportField | "row"): string =>
  field === "row" ? "The row" : IMPORT_FIELDS[field].label;

/** The steps of an import, and how far this one is. */
export const IMPORT_STEPS = ["Choose a file", "Match columns", "Look through", "Import"] as const;

/** The step that is next, from 0; past the last one when all is done. */
export function stepOf(each: ImportDto): number {
  if (each.state === "uploading") return 0;
  if (each.state === "mapping" || (each.state === "failed" && each.failedAt === "checking")) return 1;
  if (each.state === "checking") return 2;
  return each.state === "checked" || each.state === "importing" || each.state === "failed" ? 3 : 4;
}
