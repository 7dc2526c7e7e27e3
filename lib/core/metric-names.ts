/** Where CloudWatch keeps these numbers. The alarms and the dashboard of infra/watch look for it and for the names below. */
export const NAMESPACE = "Arrestra";

/** Every number there is, with its unit as CloudWatch knows it. */
export const UNITS = {
  /** How long the oldest due job has waited. */
  QueueAgeSeconds: "Seconds",
  /** Jobs that nobody has taken yet, those for later too. */
  JobsWaiting: "Count",
  /** Jobs that are being done. */
  JobsActive: "Count",
  /** Jobs that failed as often as they may. */
  DeadLetters: "Count",
  /** How long the oldest sealed event has waited to be written outside the database. */
  AuditStreamLagSeconds: "Seconds",
  /** Alarms of the audit trails, each one every minute until it is over. */
  AuditAlarms: "Count",
  /** Requests that were answered, and of those the refused (400 to 499) and the failed (500 and above). */
  Requests: "Count",
  RequestsRefused: "Count",
  RequestsFailed: "Count",
  SlowestRequestMs: "Milliseconds",
  /** Tries of jobs by how they ended. */
  JobsDone: "Count",
  JobsFailed: "Count",
  /** Rows of ingest by what became of them. */
  RowsCreated: "Count",
  RowsUpdated: "Count",
  RowsUnchanged: "Count",
  RowsRejected: "Count",
  /** Runs of sources that ended without having read all they found: a page is not what it was, a court refuses or is away. */
  SourceRunsPartial: "Count",
  SourceRunsFailed: "Count",
  /** Checks of contacts that a provider answered, and what they cost by its list price (LIST_PRICES), in millionths of a dollar. */
  LookupsAnswered: "Count",
  LookupCostMicroUsd: "Count",
  /** Calls of other services that failed. */
  VendorFailures: "Count",
  /** Passwords and second factors that were refused, and accounts that were shut for it. */
  SignInFailures: "Count",
  SignInLocks: "Count",
  /** Messages of alerts that were handed to a service, and those that were given up. */
  AlertsSent: "Count",
  AlertsFailed: "Count",
  /** Files for leads that were refused once their bytes had been looked at. */
  EvidenceRefused: "Count",
} as const;
