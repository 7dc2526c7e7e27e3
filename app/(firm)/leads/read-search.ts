import { readLeadSearch } from "@/lib/contracts/lead-search";
import { LeadPageQuery } from "@/lib/contracts/leads";

/** What the address of the list asks for. `part` and `isFormOpen` belong to the page alone, not to the filter. */
export type ListSearch = { query: LeadPageQuery; isEarlier: boolean; isFormOpen: boolean };

/** The address of the list as Next hands it over. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** The query as text, so that a reader who has to sign in comes back to it. */
export function queryOf(params: Awaited<SearchParams>): URLSearchParams {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => [name, each.trim()]),
  );
  return new URLSearchParams(pairs);
}

/** Reads the address; null when it holds a filter that means nothing. */
export function readSearch(query: URLSearchParams): ListSearch | null {
  const own = new URLSearchParams(query);
  const isFormOpen = own.get("filters") === "open";
  const isEarlier = own.get("part") === "earlier";
  own.delete("filters");
  own.delete("part");
  const parsed = LeadPageQuery.safeParse(readLeadSearch(own));
  return parsed.success ? { query: parsed.data, isEarlier, isFormOpen } : null;
}
