/** What one piece of work costs: milliseconds of CPU in the process that does it and in PostgreSQL, and what it writes. */
export type UnitCost = { processMs: number; databaseMs: number; walBytes: number };

/** The work that the model counts, each measured by measure.ts. */
export const UNITS = {
  newLead: "a new lead with its charges, observation, score and event, in batches of 100 over HTTP (web)",
  sameLead: "a lead posted again as it was, in batches of 100 (web)",
  listPage: "the page of open leads as a person opens it, HTML (web)",
  leadPage: "the page of one lead, HTML (web)",
  apiRead: "a page of 50 leads by the API (web)",
  statusChange: "a change of status with its event, over HTTP (web)",
  signIn: "a sign-in with password and code (web)",
  exportRow: "a row of an export over HTTP, no contacts (web)",
  lookUp: "a look-up of a phone or an e-mail, stored with its event (job runner)",
  seal: "an event sealed into its chain, in portions of a thousand (job runner)",
  sealTurn: "a turn of the sealer in a firm with one event (job runner)",
  sealLook: "a firm without unsealed events in the sealer's question for all firms (job runner)",
  signHead: "a head that is due, signed and kept in a folder (job runner)",
  verifyEvent: "an event of a full verification (job runner)",
  verifyHead: "a signed head of a full verification, read from a folder (job runner)",
  runnerSecond: "a second of a job runner that finds nothing: it asks for jobs of each kind (job runner)",
} as const;
export type Unit = keyof typeof UNITS;

/** Work of which the time on the clock counts too, since it is done one after the other. */
export const TIMED = ["sealTurn", "sealLook", "verifyEvent", "verifyHead"] as const satisfies readonly Unit[];
export type Timed = (typeof TIMED)[number];

/** One turn of a schedule for one firm that has nothing due: what being there costs. `runsADay` follows from its cron line. */
export type ScheduleCost = UnitCost & { wallMs: number; runsADay: number };

/** What measure.ts writes and the model reads. */
export type Measured = {
  on: string;
  machine: string;
  postgres: string;
  verdict: string;
  units: Record<Unit, UnitCost>;
  schedules: Record<string, ScheduleCost>;
  /** Milliseconds on the clock. */
  wallMs: Record<Timed, number>;
  /** What a lead with all that belongs to it takes on disk, indexes included. */
  leadDiskBytes: number;
  /** What an event with its seal takes on disk, indexes included. */
  eventDiskBytes: number;
  /** What web server and job runner write into the log for a request. */
  logBytesPerRequest: number;
};
