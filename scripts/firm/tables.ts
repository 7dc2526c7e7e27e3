/** What of a table goes along: `file` in the export, columns that stay (each with its reason), and the sealed column that is opened as `as`. */
export type TakenTable = {
  table: string;
  file: string;
  stays?: Record<string, string>;
  opened?: { column: string; as: string };
};

const DERIVED = "made from other columns, for our searching and sorting";
const SECRET = "opens doors here, and nowhere else";

/** What a firm takes along when it leaves, in this order. A new table or a new secret column fails a test until it is sorted in. */
export const TAKEN: readonly TakenTable[] = [
  { table: "domain", file: "domains" },
  { table: "app_user", file: "users", stays: { password_hash: SECRET, failed_sign_ins: SECRET, locked_until: SECRET } },
  { table: "api_key", file: "api-keys", stays: { secret_hash: SECRET } },
  { table: "vendor_budget", file: "vendor-budgets" },
  { table: "ingest_run", file: "ingest-runs" },
  { table: "ingest_batch", file: "ingest-batches" },
  {
    table: "lead",
    file: "leads",
    stays: { search_text: DERIVED, sort_arrested_at: DERIVED, sort_bail_cents: DERIVED },
  },
  { table: "charge", file: "charges" },
  { table: "observation", file: "observations" },
  {
    table: "contact_point",
    file: "contacts",
    stays: { value_index: DERIVED },
    opened: { column: "value_cipher", as: "value" },
  },
  { table: "enrichment", file: "enrichments", stays: { value_index: DERIVED } },
  { table: "lead_note", file: "notes", opened: { column: "text_cipher", as: "text" } },
  {
    table: "evidence_file",
    file: "evidence",
    stays: {
      file_key: "a place here; the file itself goes along as files/<id>",
      file_version: "what tells that file from another",
      due_at: "when we look again at one that waits",
      checks: "how often we looked at it",
    },
    opened: { column: "name_cipher", as: "name" },
  },
  { table: "connection", file: "connections", stays: { refresh_lease: "who renews an access at one moment" } },
  { table: "crm_field", file: "crm-fields" },
  {
    table: "consultation",
    file: "consultations",
    stays: { join_url_cipher: "lets whoever has it into a meeting of the day", content_hash: DERIVED },
    opened: { column: "notes_cipher", as: "notes" },
  },
  {
    table: "attendance_interval",
    file: "attendance",
    stays: { person_key: DERIVED },
    opened: { column: "name_cipher", as: "name" },
  },
  { table: "sync_link", file: "links-elsewhere", stays: { pushed_hash: DERIVED, snapshot: DERIVED } },
  {
    table: "lead_import",
    file: "imports",
    stays: {
      file_key: "a place here, where the file is gone in two days",
      file_version: "what tells that file from another",
      upload_id: "a file on its way at one moment",
      upload_until: "when that counts as broken off",
      run_id: "who was at work at one moment",
    },
  },
  { table: "lead_import_lead", file: "import-leads" },
  {
    table: "person_erasure",
    file: "erasures",
    stays: {
      digests: "keyed digests of what must not come back: nobody but us can read them",
      head_hash: "the chain itself goes along",
      files_left: "places here, where the files are gone",
    },
  },
  {
    table: "alert_choice",
    file: "alert-choices",
    stays: { code_hash: SECRET, code_until: SECRET, code_tries: SECRET },
    opened: { column: "phone_cipher", as: "phone" },
  },
  { table: "lead_alert", file: "lead-alerts" },
  { table: "event", file: "events" },
  { table: "event_seal", file: "event-seals" },
];

/** What stays and is erased here, and why. The reasons go into the manifest. */
export const LEFT: Record<string, string> = {
  session: "who is signed in: over when the firm is closed",
  sign_in_attempt: "a sign-in between its two steps",
  verification_token: "one-time links that open doors here",
  totp: "authenticators: secrets that open doors here",
  passkey: "bound to the firm's address here",
  recovery_code: "hashes that open doors here",
  idempotency_key: "replies kept for a day for programs that repeat a request",
  suppression: "keyed digests of what must not come back: nobody but us can read them",
  vendor_lease: "look-ups under way at one moment",
  integration_secret: "what opens doors at other services: it is made anew there",
  oauth_attempt: "somebody on their way to another service",
  webhook_delivery: "what another service told us, until it is handled",
  sync_cursor: "how far our pulls have come",
  push_channel: "where Google tells us that a calendar changed: ended with the firm",
  busy_time: "a copy of when the firm's own calendar is busy",
  drift_report: "a comparison that any new one replaces",
  booking_look: "the order of our looks at a booking",
  reminder: "consultations that begin soon",
  calendar_feed: "hashes that open doors here",
  lead_import_problem: "what was wrong with rows of a file that the firm has",
  file_export: "files to be fetched within a day, made from what goes along",
  audit_stream: "how far our own copy of the trail has come",
  audit_watch: "our own watch over the chain; the chain itself goes along",
};
