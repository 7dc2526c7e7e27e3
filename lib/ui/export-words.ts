import type { ExportDto } from "@/lib/contracts/exports";
import { countOf, formatMoment } from "./format";
import type { IconName } from "./icons";

export const EXPORT_KIND_WORDS: Record<ExportDto["kind"], string> = { leads: "Leads", audit: "Audit trail" };

export const isUnderWay = ({ state }: Pick<ExportDto, "state">): boolean => state === "waiting" || state === "running";

/** `3.2 MB`, `840 KB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000)).toLocaleString("en-US")} KB`;
  return `${(bytes / 1_000_000).toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MB`;
}

/** `12 s`, `2 m 5 s`. */
export function secondsWords(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}

export type ExportStateWords = { icon: IconName; tone: string; words: string; more?: string };

/** The state of an export: a mark, a phrase, and what else there is to say. */
export function exportState(each: ExportDto, timeZone: string, now: string): ExportStateWords {
  switch (each.state) {
    case "waiting":
      return { icon: "clock", tone: "text-ink-3", words: "Waits for its turn" };
    case "running":
      return {
        icon: "clock",
        tone: "text-accent",
        words: rowsSoFar(each),
        more: `${secondsWords(each.startedAt ?? now, now)} so far`,
      };
    case "ready":
      return {
        icon: "check",
        tone: "text-good",
        words: `Ready: ${countOf(each.rows, "row")}, ${sizeWords(each.bytes ?? 0)}`,
        more: each.expiresAt ? `Until ${formatMoment(each.expiresAt, timeZone, now).replace(/^Today/, "today")}` : "",
      };
    case "failed":
      return { icon: "warn", tone: "text-danger", words: "Failed", more: each.problem ?? "" };
    case "expired":
      return { icon: "close", tone: "text-ink-3", words: "The file is gone", more: "Files wait for a day. Ask again." };
  }
}

function rowsSoFar({ rows, rowsExpected }: ExportDto): string {
  const so = rows.toLocaleString("en-US");
  return rowsExpected === null ? countOf(rows, "row") : `${so} of ${countOf(rowsExpected, "row")}`;
}

/** What happened between two looks, for who does not see the page: nothing while the rows merely grow. */
export function changesInWords(before: readonly ExportDto[], after: readonly ExportDto[]): string {
  const old = new Map(before.map((each) => [each.id, each.state]));
  return after
    .filter(({ id, state }) => old.has(id) && old.get(id) !== state)
    .map((each) => {
      const what = `${EXPORT_KIND_WORDS[each.kind]}, ${each.about}`;
      if (each.state === "ready") return `${what}: ready.`;
      if (each.state === "failed") return `${what}: failed.`;
      return each.state === "running" ? `${what}: being written.` : "";
    })
    .filter(Boolean)
    .join(" ");
}
