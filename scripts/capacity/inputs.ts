// What the model is told, none of it measured: change a number and run `npm run docs`.
import type { ProviderName } from "@/lib/contracts/providers";

/** What a firm does in a day: guesses, to be replaced by what real firms do. */
export const FIRM_DAY = {
  newLeads: 60,
  /** Leads that the scraper posts again because their next look was due. */
  leadsAgain: 540,
  batches: 48,
  listPages: 120,
  leadPages: 160,
  apiReads: 300,
  statusChanges: 40,
  signIns: 6,
  exportRows: 500,
  lookUps: 15,
  /** Turns of the sealer that find events, and heads: both only when something happened since the last one. */
  sealTurns: 150,
  heads: 100,
  evidenceFiles: 2,
} as const;
export type Done = keyof typeof FIRM_DAY;

/** What leaves an event, one each. Readings are thinned, so a page of a lead leaves one at most. */
export const WITH_EVENT = ["newLeads", "leadPages", "statusChanges", "signIns", "lookUps"] as const satisfies Done[];

/** Events of a firm in a day, by what leaves one. */
export const eventsADay = (): number => WITH_EVENT.reduce((sum, what) => sum + FIRM_DAY[what], 0);

/** Which share of the look-ups each provider does. All are taken for charged; LIST_PRICES in lib/contracts/providers.ts says what an answer costs. */
export const LOOK_UPS_OF: Record<ProviderName, number> = { twilio: 2 / 3, kickbox: 1 / 3 };

/** Files of the pages themselves that a browser asks the edge for, for each page it opens: most are in its cache. */
export const FILES_A_PAGE = 4;
/** What a firm keeps in files (exports for days, evidence for as long as its lead): up to 5 GB are allowed. */
export const FILES_GB = 1;
/** A line of the stream of the audit trail. */
export const STREAM_LINE_BYTES = 500;
/** How long S3 takes for an answer. */
export const S3_ANSWER_MS = 25;

/** The share of a day's work that falls into its busiest hour. */
export const BUSIEST_HOUR = 0.2;
/** Machines are chosen so that the busiest hour of a day takes this share of them at most. */
export const FULL = 0.5;
/** A core of ours at AWS beside a core of the machine that was measured. */
export const CORE_BESIDE_MEASURED = 1;
/** So long leads are kept. Events are kept longer; the model counts as many. */
export const KEPT_DAYS = 730;
/** Disk beside the rows that are counted: contacts, look-ups, consultations, dead rows until they are swept, WAL that waits. */
export const DISK_BESIDE_ROWS = 1.3;

/**
 * PostgreSQL machines by their cores and memory, smallest first; prices are in infra/watch/prices.ts. `sustained`: what a bursting machine does for hours, when
 * its credits are used up, in cores.
 */
export const DATABASES: readonly { name: string; cores: number; memoryGb: number; sustained?: number }[] = [
  { name: "t4g.small", cores: 2, memoryGb: 2, sustained: 0.4 },
  { name: "m7g.large", cores: 2, memoryGb: 8 },
  { name: "m7g.xlarge", cores: 4, memoryGb: 16 },
  { name: "m7g.2xlarge", cores: 8, memoryGb: 32 },
  { name: "m7g.4xlarge", cores: 16, memoryGb: 64 },
  { name: "m7g.8xlarge", cores: 32, memoryGb: 128 },
  { name: "m7g.16xlarge", cores: 64, memoryGb: 256 },
];

/** The numbers of firms that the page is about. */
export const FIRMS = [1, 100, 10_000] as const;
