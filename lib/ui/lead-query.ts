import type { LeadFilter } from "@/lib/contracts/leads";
import { BANDS } from "@/lib/core/band";
import { LEAD_STATUSES, OPEN_STATUSES, STATUS_WORDS } from "@/lib/core/lead-status";
import { formatDate } from "./format";
import { BAND_WORDS } from "./words";

/** What the sort and date field are when the URL says nothing: the defaults of `LeadFilter`. */
const DEFAULTS = { dateField: "firstSeen", sort: "score", dir: "desc" } as const;

/** The query of a filter, defaults left out, lists as repeated keys: what a plain GET form would send. Begins with `?` unless empty. */
export function leadQuery(filter: Partial<LeadFilter>): string {
  const query = new URLSearchParams();
  for (const name of ["status", "county", "band"] as const) {
    for (const value of filter[name] ?? []) query.append(name, value);
  }
  for (const name of ["from", "to", "q"] as const) {
    if (filter[name]) query.set(name, filter[name]);
  }
  for (const name of ["dateField", "sort", "dir"] as const) {
    if (filter[name] && filter[name] !== DEFAULTS[name]) query.set(name, filter[name]);
  }
  if (filter.newSinceMyLastVisit) query.set("newSinceMyLastVisit", "true");
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The address of the list under a filter. */
export const leadsHref = (filter: Partial<LeadFilter>): string => `/leads${leadQuery(filter)}`;

/** Everything still open: what the rail's Leads leads to. */
export const OPEN_LEADS: Partial<LeadFilter> = { status: [...OPEN_STATUSES] };

/** A chip of the filter bar: `name` **value**, and the filter without it. */
export type FilterChip = { key: string; name: string; value: string; without: Partial<LeadFilter> };

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((x) => b.includes(x));
const inOrder = <T extends string>(all: readonly T[], chosen: readonly T[]): T[] =>
  all.filter((x) => chosen.includes(x));

/** The filter as chips, in the order of the form. Search stays in its field. */
export function filterChips(filter: LeadFilter): FilterChip[] {
  const chips: FilterChip[] = [];
  const add = (key: string, name: string, value: string, without: Partial<LeadFilter>) =>
    chips.push({ key, name, value, without: { ...filter, ...without } });
  if (filter.newSinceMyLastVisit) add("new", "New", "since my last visit", { newSinceMyLastVisit: false });
  if (filter.county.length > 0) add("county", "County", some(filter.county), { county: [] });
  if (filter.band.length > 0) {
    add(
      "band",
      "Band",
      inOrder(BANDS, filter.band)
        .map((band) => BAND_WORDS[band])
        .join(", "),
      { band: [] },
    );
  }
  if (filter.status.length > 0) {
    const words = inOrder(LEAD_STATUSES, filter.status).map((status) => STATUS_WORDS[status]);
    add("status", "Status", isSame(filter.status, OPEN_STATUSES) ? "any open" : some(words), { status: [] });
  }
  if (filter.from || filter.to) {
    const value =
      filter.from && filter.to
        ? `${day(filter.from)} to ${day(filter.to)}`
        : filter.from
          ? `from ${day(filter.from)}`
          : `to ${day(filter.to)}`;
    add("date", filter.dateField === "arrested" ? "Arrested" : "First seen", value, { from: undefined, to: undefined });
  }
  return chips;
}

const some = (words: readonly string[]): string =>
  words.length <= 3 ? words.join(", ") : `${words.slice(0, 2).join(", ")} and ${words.length - 2} more`;
const day = (date: string | undefined): string => (date ? formatDate(date.slice(0, 10)) : "");
