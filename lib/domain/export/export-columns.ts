/**
 * The columns of the CSV, in order. Names and order are a promise to the systems that read it: new columns go before `phone`, nothing is
 * renamed. `sql` speaks of `l` (lead), `p` and `e` (the contact that counts and its newest look-up). Documented in docs/reference/export.md.
 */
export type ExportColumn = { name: string; sql: string; about: string };

/** The time zone that the transaction of an export is set to: most counties need no other, and it is looked up once instead of per value. */
export const EXPORT_TIME_ZONE = "America/Chicago";

/** Mountain Time, for the two counties that keep it (lib/core/county.ts). */
const mountain = (column: string): string => `
  to_char(${column} AT TIME ZONE 'America/Denver', 'YYYY-MM-DD HH24:MI:SS') ||
    CASE (${column} AT TIME ZONE 'America/Denver') - (${column} AT TIME ZONE 'UTC') WHEN interval '-6 hours' THEN ' MDT' ELSE ' MST' END`;

/** County-local wall time with its zone: `2026-03-10 21:37:00 CDT`. Under another time zone of the transaction it says that one's name. */
const local = (column: string): string => `
  CASE WHEN l.county IN ('El Paso', 'Hudspeth') THEN ${mountain(column)} ELSE to_char(${column}, 'YYYY-MM-DD HH24:MI:SS TZ') END`;

/**
 * Free text: line breaks become spaces, so that a line is a record, and what a spreadsheet would run as a formula gets an apostrophe. A value
 * that is nothing but a number keeps its sign. What begins with a letter or a digit and has no line break, nearly everything, goes as it is.
 */
const free = (column: string): string => {
  const flat = `translate(${column}, E'\\r\\n', '  ')`;
  return `CASE WHEN (ascii(${column}) BETWEEN 65 AND 65279 OR ascii(${column}) BETWEEN 48 AND 57)
      AND strpos(${column}, E'\\n') = 0 AND strpos(${column}, E'\\r') = 0 THEN ${column}
    WHEN left(${column}, 1) IN ('=', '+', '-', '@', E'\\t', E'\\r', '＝', '＋', '－', '＠') AND ${column} !~ '^[+-]?\\d+(\\.\\d+)?$' THEN '''' || ${flat}
    ELSE ${flat} END`;
};

const dollars = (column: string): string => `round(${column} / 100.0, 2)`;

/** The columns that COPY gives as they are, in order. */
export const EXPORT_COLUMNS: readonly ExportColumn[] = [
  { name: "lead_id", sql: "l.id", about: "Arrestra's id of the lead" },
  { name: "source", sql: "l.source", about: "Where it was seen, such as topics.travis" },
  { name: "source_id", sql: free("l.source_id"), about: "The id that the source gave" },
  { name: "name", sql: free("l.name"), about: "Last, First Middle Suffix" },
  { name: "last_name", sql: free("l.last_name"), about: "Empty when the source does not split the name" },
  { name: "first_name", sql: free("l.first_name"), about: "" },
  { name: "middle_name", sql: free("l.middle_name"), about: "" },
  { name: "suffix", sql: free("l.suffix"), about: "Jr, Sr, III" },
  { name: "date_of_birth", sql: "l.date_of_birth", about: "YYYY-MM-DD, when the source shows it" },
  { name: "county", sql: "l.county", about: "" },
  { name: "status", sql: "l.status", about: "Place in the pipeline" },
  { name: "score", sql: "l.score", about: "0 to 100" },
  { name: "band", sql: "l.band", about: "hot, warm or cool by the firm's thresholds" },
  { name: "arrested_at", sql: local("l.arrested_at"), about: "County-local time with zone" },
  { name: "magistrated_at", sql: local("l.magistrated_at"), about: "County-local time with zone" },
  { name: "magistrate", sql: free("l.magistrate"), about: "" },
  { name: "custody_status", sql: free("l.custody_status"), about: "As the source words it" },
  {
    name: "first_seen_at",
    sql: local("l.first_seen_at"),
    about: "When we first saw the form; county-local time with zone",
  },
  { name: "last_seen_at", sql: local("l.last_seen_at"), about: "When we last saw it; county-local time with zone" },
  { name: "withdrawn_at", sql: local("l.withdrawn_at"), about: "When the form left the source's list" },
  { name: "charge_count", sql: "l.charge_count", about: "" },
  { name: "highest_offense", sql: free("l.top_offense"), about: "" },
  { name: "highest_class", sql: "l.top_class", about: "FC, F1, F2, F3, FS, MA, MB, MC or unknown" },
  { name: "offenses", sql: free("l.offenses"), about: "Every offense, between ' | '" },
  { name: "cause_numbers", sql: free("l.cause_numbers"), about: "Every cause number, between ' | '" },
  {
    name: "bail_total",
    sql: dollars("l.bail_total_cents"),
    about: "Dollars: the sum of the amounts shown; empty when none is",
  },
  { name: "bail_bonds", sql: "l.bail_bonds", about: "Charges that show an amount" },
  { name: "bail_type", sql: "l.bail_type", about: "When all charges share one" },
  { name: "bail_denied", sql: "l.bail_denied", about: "Charges with bail denied" },
  { name: "bail_not_set", sql: "l.bail_not_set", about: "Charges with bail not set" },
  { name: "bail_blank", sql: "l.bail_blank", about: "Charges with bail left blank" },
  { name: "labels", sql: free("array_to_string(l.labels, ' | ')"), about: "What else the source shows" },
  { name: "contact_state", sql: "l.contact_state", about: "What is known of the contacts, in one word" },
  { name: "phone_check", sql: "phone.state", about: "pending, found, not_found, refused or failed" },
  {
    name: "phone_valid",
    sql: "phone.result->>'valid'",
    about: "true when the number is assignable; no proof of a live line",
  },
  { name: "phone_line_type", sql: "phone.result->>'lineType'", about: "mobile, landline, fixedVoip, ..." },
  { name: "phone_carrier", sql: free("(phone.result->>'carrier')"), about: "" },
  { name: "phone_checked_at", sql: local("phone.checked_at"), about: "County-local time with zone" },
  { name: "email_check", sql: "email.state", about: "pending, found, not_found, refused or failed" },
  { name: "email_result", sql: "email.result->>'verdict'", about: "deliverable, undeliverable, risky or unknown" },
  { name: "email_checked_at", sql: local("email.checked_at"), about: "County-local time with zone" },
];

/** The two columns that are encrypted at rest. COPY gives their ciphertext at the end of each line; `decryptLines` replaces it. */
export const SEALED_COLUMNS = [
  { name: "phone", about: "The contact that counts: the firm's own before the source's, the newest first; E.164" },
  { name: "email", about: "Likewise" },
] as const;

/** The header line: every column name, in order. */
export const EXPORT_HEADER = [...EXPORT_COLUMNS, ...SEALED_COLUMNS].map((column) => column.name);
