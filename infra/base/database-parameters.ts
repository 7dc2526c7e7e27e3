/**
 * What the database itself insists on, whoever connects and whatever they ask for. The limits of time are the floor for a person with a psql; the app's
 * roles have tighter ones of their own (prisma/bootstrap.sql). A migration that needs longer says so itself, with SET.
 */
export const DATABASE_PARAMETERS: Readonly<Record<string, string>> = {
  // No connection without TLS.
  "rds.force_ssl": "1",

  statement_timeout: String(5 * 60_000),
  lock_timeout: String(10_000),
  idle_in_transaction_session_timeout: String(60_000),

  // Slow statements are told, with the text that the app wrote and without what it filled in: those are names, phones, addresses.
  log_min_duration_statement: String(1000),
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_statement: "none",
  // Without the DETAIL of an error, which quotes the row that broke a rule.
  log_error_verbosity: "terse",
  log_lock_waits: "1",
};
