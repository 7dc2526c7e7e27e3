// What the model is told, none of it measured: change a number and run `npm run docs`.

/** What a firm does in a day: guesses, to be replaced by what real firms do. */
export const FIRM_DAY = {
  newLeads: 60,
  /** Leads that the scraper posts again because their next look was due. */
  leadsAgain: 540,
  listPages: 120,
  leadPages: 160,
  apiReads: 300,
  statusChanges: 40,
  signIns: 6,
  exportRows: 500,
  lookUps: 15,
  /** Events of a day: what is done above, each with one, and readings thinned. */
  events: 260,
} as const;

/** The share of a day's work that falls into its busiest hour. */
export const BUSIEST_HOUR = 0.2;
/** Machines are chosen so that the busiest hour takes this share of them. */
export const FULL = 0.5;
/** A core of ours at AWS beside a core of the machine that was measured. */
export const CORE_BESIDE_MEASURED = 1;
/** So long leads are kept. */
export const KEPT_DAYS = 730;
/** Disk beside the rows that are counted: contacts, look-ups, consultations, dead rows until they are swept, WAL that waits. */
export const DISK_BESIDE_ROWS = 1.3;

/** US dollars for one answer, by list prices from memory. */
export const LOOK_UP_USD = 0.008;

/** PostgreSQL machines by their cores and memory, smallest first; prices are in infra/watch/prices.ts. */
export const DATABASES = [
  { name: "t4g.small", cores: 2, memoryGb: 2 },
  { name: "m7g.large", cores: 2, memoryGb: 8 },
  { name: "m7g.xlarge", cores: 4, memoryGb: 16 },
  { name: "m7g.2xlarge", cores: 8, memoryGb: 32 },
  { name: "m7g.4xlarge", cores: 16, memoryGb: 64 },
  { name: "m7g.8xlarge", cores: 32, memoryGb: 128 },
  { name: "m7g.16xlarge", cores: 64, memoryGb: 256 },
] as const;

/** The numbers of firms that the page is about. */
export const FIRMS = [1, 100, 10_000] as const;
