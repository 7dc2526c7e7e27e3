/** All that hangs on a lead, those that point to others first: which of a table's rows are the lead's. `$1` is the firm, `$2` the lead. */
export const GOES: Readonly<Record<string, string>> = (() => {
  const ofLead = "lead_id = $2";
  const consultations = "SELECT id FROM consultation WHERE tenant_id = $1 AND lead_id = $2";
  const ofConsultations = `(lead_id = $2 OR consultation_id IN (${consultations}))`;
  return {
    reminder: ofConsultations,
    attendance_interval: ofConsultations,
    sync_link: ofConsultations,
    vendor_lease: "enrichment_id IN (SELECT id FROM enrichment WHERE tenant_id = $1 AND lead_id = $2)",
    booking_look:
      "(origin, source_id) IN (SELECT origin, source_id FROM consultation WHERE tenant_id = $1 AND lead_id = $2)",
    consultation: ofLead,
    lead_alert: ofLead,
    evidence_file: ofLead,
    lead_import_lead: ofLead,
    lead_note: ofLead,
    enrichment: ofLead,
    contact_point: ofLead,
    charge: ofLead,
    observation: ofLead,
    lead: "id = $2",
  };
})();

/** Tables with rows that may name anybody: each is opened and looked through (scripts/person/search-rows.ts). */
export const SEARCHED: Readonly<Record<string, string>> = {
  idempotency_key: "a reply that names the person goes, so that no repeated request shows it again",
  webhook_delivery: "what a service told us of the person goes unhandled",
  drift_report:
    "a report with the lead, its consultations or its records elsewhere goes; any comparison makes a new one",
  file_export: "every file of leads goes that may hold the lead, and every row that was asked for by the person's name",
  lead_import: "a file with the person goes; a name of a file or a heading that names the person is taken out",
};

const DOORS = "opens doors; of the firm's own people";
const OWN = "of the firm's own people";

/** What stays, and why. */
export const STAYS: Readonly<Record<string, string>> = {
  event: "history holds ids and keyed digests; what happened to the lead stays proven, and who it was is nowhere",
  event_seal: "hashes",
  suppression: "keyed digests by which the record is refused when it comes again",
  person_erasure: "the certificates; they name nobody",
  erasure_certificate: "of whole firms",
  tenant: "the firm",
  domain: "hosts of the firm",
  app_user: OWN,
  alert_choice: OWN,
  session: DOORS,
  sign_in_attempt: DOORS,
  verification_token: DOORS,
  totp: DOORS,
  passkey: DOORS,
  recovery_code: DOORS,
  api_key: DOORS,
  integration_secret: DOORS,
  oauth_attempt: DOORS,
  calendar_feed: "a hash; what a program that reads the feed has copied is named in the certificate",
  connection: "accounts of the firm",
  crm_field: "names of columns",
  sync_cursor: "how far a pull has come: ids and moments",
  push_channel: "where a calendar tells us of changes",
  busy_time: "when, without what",
  ingest_run: "counts, and words of ours",
  ingest_batch: "counts",
  vendor_budget: "counts",
  lead_import_problem: "numbers of rows and words of ours: a reason repeats nothing of its row",
  audit_watch: "our own watch over the chain",
  audit_stream: "how far sealed events were written elsewhere",
  rate_limit: "digests that end by themselves",
};
