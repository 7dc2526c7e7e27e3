import type { AskExport } from "@/lib/contracts/exports";
import { STATUS_WORDS } from "@/lib/core/lead-status";

const some = (name: string, values: readonly string[]): string[] =>
  values.length > 0 ? [`${name} ${values.join(", ")}`] : [];
const days = (name: string, from: string | undefined, to: string | undefined): string[] =>
  from || to ? [[name, ...(from ? ["from", from] : []), ...(to ? ["to", to] : [])].join(" ")] : [];

/** A filter in words, for the list: nothing in it says whom somebody looked for. */
export function aboutOf(asked: AskExport): string {
  const { filter } = asked;
  const parts =
    "status" in filter
      ? [
          ...some(
            "status",
            filter.status.map((status) => STATUS_WORDS[status]),
          ),
          ...some("county", filter.county),
          ...some("band", filter.band),
          ...days(filter.dateField === "arrested" ? "arrested" : "first seen", filter.from, filter.to),
          ...(filter.newSinceMyLastVisit ? ["new since the last visit"] : []),
          ...(filter.q ? ["with a search"] : []),
        ]
      : [
          ...some("of", [filter.group ?? []].flat()),
          ...some("kind", [filter.type ?? []].flat()),
          ...(filter.actor ? ["by one actor"] : []),
          ...(filter.lead ? ["of one lead"] : []),
          ...days("days", filter.from, filter.to),
        ];
  const text = parts.join(" · ");
  return text === "" ? "Everything" : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
