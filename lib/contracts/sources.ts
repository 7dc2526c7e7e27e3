import { COUNTIES, type County, countySlug } from "@/lib/core/county";

/** A registered source: where a lead can come from. `county` is null for sources that carry many. */
export type RegisteredSource = { id: string; county: County | null; label: string };

const topics = COUNTIES.map(
  (county): RegisteredSource => ({
    id: `topics.${countySlug(county)}`,
    county,
    label: `TOPICs bail forms, ${county}`,
  }),
);

/** The TOPICs bail forms of each county, `api` for a firm's own systems, and the lists that a firm brings as a file. */
const own: RegisteredSource[] = [
  { id: "api", county: null, label: "API" },
  { id: "import.csv", county: null, label: "Imported list" },
];

/** Every source that ingest accepts. */
export const SOURCES: ReadonlyMap<string, RegisteredSource> = new Map(
  [...topics, ...own].map((source) => [source.id, source]),
);

/** The source id of a county's TOPICs bail forms: `topics.travis`. */
export const topicsSourceId = (county: County): string => `topics.${countySlug(county)}`;
