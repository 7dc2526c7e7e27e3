/** Filters that may name several values: repeated (`county=Travis&county=Hays`) or with commas. */
const LISTS = new Set(["status", "county", "band", "state"]);

/**
 * The query of list page, API and export as the data that `LeadFilter`, `LeadPageQuery` and `ConsultationQuery` check. Empty values are left out, as a plain GET form
 * sends them; what it cannot read, or a name nobody knows, stays as it is for the schema to refuse by name.
 */
export function readLeadSearch(query: URLSearchParams): Record<string, unknown> {
  const read = new Map<string, unknown>();
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name).filter((value) => value !== "");
    const [value = "", ...more] = values;
    if (values.length === 0) continue;
    if (LISTS.has(name)) read.set(name, [...new Set(values.flatMap((each) => each.split(",")))]);
    else read.set(name, more.length > 0 ? values : readOne(name, value));
  }
  // From a map, so that a field called __proto__ is one like any other, and refused.
  return Object.fromEntries(read);
}

/** A query of single values, empty ones left out. */
export function readSearch(query: URLSearchParams): Record<string, unknown> {
  const read = new Map<string, unknown>();
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name).filter((value) => value !== "");
    const [value = "", ...more] = values;
    if (values.length > 0) read.set(name, more.length > 0 ? values : readOne(name, value));
  }
  return Object.fromEntries(read);
}

function readOne(name: string, value: string): unknown {
  if (name === "newSinceMyLastVisit" && (value === "true" || value === "false")) return value === "true";
  if (name === "limit" && /^\d{1,6}$/.test(value)) return Number(value);
  return value;
}
