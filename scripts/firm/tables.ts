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
  audit_watch: "our own watch over the chain; the chain itself goes along",
};
