-- The house: every table of the first release, with row-level security from the start.
-- Filtered columns are text with CHECK, never enums: enum_eq is not leakproof, so a policy would take the index away.

-- ---------------------------------------------------------------- firms and their doors
CREATE TABLE tenant (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'closed')),
  time_zone text NOT NULL DEFAULT 'America/Chicago',
  hot_from integer NOT NULL DEFAULT 70 CHECK (hot_from BETWEEN 1 AND 100),
  warm_from integer NOT NULL DEFAULT 40 CHECK (warm_from BETWEEN 0 AND 99),
  demo boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (warm_from < hot_from)
);

CREATE TABLE domain (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  host text NOT NULL CHECK (host = lower(host)),
  verified_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
-- A host belongs to one firm in the whole system, so this index cannot start with the tenant: it answers "whose host is this?".
CREATE UNIQUE INDEX domain_host_key ON domain (host);

CREATE TABLE app_user (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'attorney', 'staff', 'viewer')),
  password_hash text,
  disabled_at timestamptz,
  failed_sign_ins integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  last_visit_at timestamptz,
  previous_visit_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email)
);

CREATE TABLE session (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  token_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  user_agent text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX session_user_idx ON session (tenant_id, user_id);

CREATE TABLE verification_token (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  identifier text NOT NULL,
  token_hash text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, identifier, token_hash)
);

CREATE TABLE api_key (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kid text NOT NULL,
  secret_hash text NOT NULL,
  name text NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
-- The key id is asked before the firm is known.
CREATE UNIQUE INDEX api_key_kid_key ON api_key (kid);

-- ---------------------------------------------------------------- ingest
CREATE TABLE ingest_run (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  source text NOT NULL,
  county text,
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'succeeded', 'partial', 'failed')),
  found integer, new integer, changed integer, same integer, rejected integer, suppressed integer, withdrawn integer,
  error text,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ingest_run_latest_idx ON ingest_run (tenant_id, source, started_at DESC);

CREATE TABLE ingest_batch (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  run_id uuid,
  source text NOT NULL,
  actor_type text NOT NULL,
  actor_id text NOT NULL,
  observed_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  received integer NOT NULL, created integer NOT NULL, updated integer NOT NULL, unchanged integer NOT NULL,
  rejected integer NOT NULL, juvenile integer NOT NULL, superseded integer NOT NULL, suppressed integer NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, run_id) REFERENCES ingest_run (tenant_id, id)
);
CREATE INDEX ingest_batch_run_idx ON ingest_batch (tenant_id, run_id);

-- A keyed digest of a source id that must never come back (expunction, nondisclosure): the tombstone holds no personal data.
CREATE TABLE suppression (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  digest text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, digest)
);

CREATE TABLE lead (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- what the source says: written by ingest only
  source text NOT NULL,
  source_id text NOT NULL,
  source_url text,
  name text NOT NULL,
  first_name text, middle_name text, last_name text, suffix text,
  date_of_birth date,
  county text NOT NULL,
  arrested_at timestamptz,
  magistrated_at timestamptz,
  magistrate text,
  custody_status text,
  labels text[] NOT NULL DEFAULT '{}',
  withdrawn_at timestamptz,
  content_hash text NOT NULL,
  observed_at timestamptz NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  seen_count integer NOT NULL DEFAULT 1,
  observe_step integer NOT NULL DEFAULT 0,
  next_observe_at timestamptz NOT NULL,
  -- derived from the charges: written by ingest only
  charge_count integer NOT NULL,
  top_offense text,
  top_class text NOT NULL,
  offenses text NOT NULL,
  cause_numbers text NOT NULL,
  bail_total_cents bigint,
  bail_bonds integer NOT NULL,
  bail_type text,
  bail_denied integer NOT NULL,
  bail_not_set integer NOT NULL,
  bail_blank integer NOT NULL,
  bail_previous_cents bigint,
  bail_changed_at timestamptz,
  search_text text NOT NULL,
  -- never null, so that a keyset page needs no special case: unknown arrest sorts before 1900, no amount below $0
  sort_arrested_at timestamptz NOT NULL,
  sort_bail_cents bigint NOT NULL,
  -- score: written by ingest and the rescore job
  score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
  band text NOT NULL CHECK (band IN ('hot', 'warm', 'cool')),
  score_reasons jsonb NOT NULL,
  score_changes_at timestamptz,
  -- what the firm says: never written by ingest once the lead exists
  status text NOT NULL DEFAULT 'new' CHECK (status IN
    ('new', 'reviewed', 'qualified', 'mail_queued', 'mailed', 'responded', 'consultation', 'retained', 'lost', 'dismissed')),
  status_reason text,
  version integer NOT NULL DEFAULT 1,
  contact_state text NOT NULL DEFAULT 'none',
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, source, source_id)
) WITH (fillfactor = 85);

-- One index per sort, and per sort behind each filter, so that a page reads its rows and stops.
CREATE INDEX lead_first_seen_idx ON lead (tenant_id, first_seen_at, id);
CREATE INDEX lead_arrested_idx ON lead (tenant_id, sort_arrested_at, id);
CREATE INDEX lead_score_idx ON lead (tenant_id, score, id);
CREATE INDEX lead_bail_idx ON lead (tenant_id, sort_bail_cents, id);
CREATE INDEX lead_status_first_seen_idx ON lead (tenant_id, status, first_seen_at, id);
CREATE INDEX lead_status_arrested_idx ON lead (tenant_id, status, sort_arrested_at, id);
CREATE INDEX lead_status_score_idx ON lead (tenant_id, status, score, id);
CREATE INDEX lead_status_bail_idx ON lead (tenant_id, status, sort_bail_cents, id);
CREATE INDEX lead_county_first_seen_idx ON lead (tenant_id, county, first_seen_at, id);
CREATE INDEX lead_county_arrested_idx ON lead (tenant_id, county, sort_arrested_at, id);
CREATE INDEX lead_county_score_idx ON lead (tenant_id, county, score, id);
CREATE INDEX lead_county_bail_idx ON lead (tenant_id, county, sort_bail_cents, id);
CREATE INDEX lead_band_first_seen_idx ON lead (tenant_id, band, first_seen_at, id);
CREATE INDEX lead_band_arrested_idx ON lead (tenant_id, band, sort_arrested_at, id);
CREATE INDEX lead_band_score_idx ON lead (tenant_id, band, score, id);
CREATE INDEX lead_band_bail_idx ON lead (tenant_id, band, sort_bail_cents, id);
CREATE INDEX lead_rescore_idx ON lead (tenant_id, score_changes_at) WHERE score_changes_at IS NOT NULL;
CREATE INDEX lead_search_idx ON lead USING gin (tenant_id, search_text gin_trgm_ops);

CREATE TABLE charge (
  tenant_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  ordinal integer NOT NULL,
  offense text NOT NULL,
  level text,
  class text NOT NULL,
  bail_type text NOT NULL CHECK (bail_type IN
    ('surety', 'cash', 'cash_or_surety', 'personal', 'property', 'denied', 'not_set', 'blank', 'unknown')),
  bail_type_printed text,
  bail_cents bigint CHECK (bail_cents >= 0),
  cause_number text,
  PRIMARY KEY (tenant_id, lead_id, ordinal),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE observation (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  observed_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  content_hash text NOT NULL,
  -- the lead as posted, without its contacts: those live encrypted in contact_point
  payload jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, lead_id, observed_at, content_hash),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE
);

-- ---------------------------------------------------------------- contacts and what is known of them
CREATE TABLE contact_point (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('phone', 'email')),
  origin text NOT NULL CHECK (origin IN ('source', 'firm')),
  value_cipher text NOT NULL,
  value_index text NOT NULL,
  given_by text,
  basis text,
  added_by_type text NOT NULL,
  added_by_id text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, lead_id, kind, value_index),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE,
  CHECK (origin = 'source' OR (given_by IS NOT NULL AND basis IS NOT NULL))
);
CREATE INDEX contact_point_value_idx ON contact_point (tenant_id, value_index);

CREATE TABLE enrichment (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  provider text NOT NULL,
  value_index text NOT NULL,
  state text NOT NULL CHECK (state IN ('pending', 'found', 'not_found', 'refused', 'failed')),
  result jsonb,
  problem text,
  attempts integer NOT NULL DEFAULT 0,
  requested_at timestamptz NOT NULL,
  next_attempt_at timestamptz,
  checked_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, contact_id) REFERENCES contact_point (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX enrichment_lead_idx ON enrichment (tenant_id, lead_id, requested_at);
CREATE INDEX enrichment_value_idx ON enrichment (tenant_id, provider, value_index, checked_at);
CREATE INDEX enrichment_contact_idx ON enrichment (tenant_id, contact_id, requested_at);
-- One look-up of a contact by a provider is under way at a time.
CREATE UNIQUE INDEX enrichment_pending_key ON enrichment (tenant_id, contact_id, provider) WHERE state = 'pending';

-- What a firm may spend with a provider in a day, and how many calls it may have under way: rows taken in SQL, right across processes.
CREATE TABLE vendor_budget (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  provider text NOT NULL,
  daily_limit integer NOT NULL CHECK (daily_limit >= 0),
  concurrency_limit integer NOT NULL CHECK (concurrency_limit > 0),
  day date NOT NULL,
  spent integer NOT NULL DEFAULT 0,
  not_before timestamptz,
  PRIMARY KEY (tenant_id, provider)
);

CREATE TABLE vendor_lease (
  tenant_id uuid NOT NULL,
  provider text NOT NULL,
  enrichment_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, provider, enrichment_id),
  FOREIGN KEY (tenant_id, provider) REFERENCES vendor_budget (tenant_id, provider) ON DELETE CASCADE
);

-- ---------------------------------------------------------------- history
-- No foreign keys: history outlives its subjects.
CREATE TABLE event (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  lead_id uuid,
  actor_type text NOT NULL,
  actor_id text NOT NULL,
  request_id text NOT NULL,
  data jsonb NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX event_lead_idx ON event (tenant_id, lead_id, occurred_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX event_type_idx ON event (tenant_id, type, occurred_at);
CREATE INDEX event_seal_order_idx ON event (tenant_id, recorded_txid, id);

CREATE TABLE event_seal (
  tenant_id uuid NOT NULL,
  sequence bigint NOT NULL,
  event_id uuid NOT NULL,
  recorded_txid xid8 NOT NULL,
  hash text NOT NULL,
  sealed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, sequence),
  UNIQUE (tenant_id, event_id)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_seal_append_only BEFORE UPDATE OR DELETE ON event_seal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_seal_no_truncate BEFORE TRUNCATE ON event_seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ---------------------------------------------------------------- retries and limits
CREATE TABLE idempotency_key (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  caller text NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status integer NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, caller, route, key)
);
CREATE INDEX idempotency_key_expiry_idx ON idempotency_key (tenant_id, expires_at);

-- The shape that rate-limiter-flexible asks for. Keys are digests; there is no tenant's data in it.
CREATE TABLE rate_limit (
  key varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);

-- ---------------------------------------------------------------- search, which must use its index under a policy
CREATE FUNCTION search_lead_ids(
  words text[], statuses text[], counties text[], bands text[],
  seen_from timestamptz, seen_to timestamptz, arrested_from timestamptz, arrested_to timestamptz,
  sort text, descending boolean, after_key text, after_id uuid, page_size integer
) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
  firm uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  sort_column text := CASE sort WHEN 'firstSeen' THEN 'first_seen_at' WHEN 'arrested' THEN 'sort_arrested_at'
                                WHEN 'bail' THEN 'sort_bail_cents' WHEN 'score' THEN 'score' END;
  sort_type text := CASE sort WHEN 'bail' THEN 'bigint' WHEN 'score' THEN 'integer' ELSE 'timestamptz' END;
  matches text;
BEGIN
  IF firm IS NULL OR sort_column IS NULL THEN RETURN; END IF;
  -- The words come folded (fold() in lib/core/text.ts), as search_text was when the lead was written. Each becomes a quoted condition of its
  -- own: LIKE ALL over an array cannot use the trigram index.
  SELECT string_agg(format('l.search_text LIKE %L', '%' || replace(replace(replace(w, '\', '\\'), '%', '\%'), '_', '\_') || '%'), ' AND ')
    INTO matches FROM unnest(words) AS w;
  RETURN QUERY EXECUTE format(
    'SELECT l.id FROM public.lead l WHERE l.tenant_id = $1 AND %5$s
       AND ($2 IS NULL OR l.status = ANY ($2)) AND ($3 IS NULL OR l.county = ANY ($3)) AND ($4 IS NULL OR l.band = ANY ($4))
       AND ($5 IS NULL OR l.first_seen_at >= $5) AND ($6 IS NULL OR l.first_seen_at < $6)
       AND ($7 IS NULL OR l.sort_arrested_at >= $7) AND ($8 IS NULL OR l.sort_arrested_at < $8)
       AND ($9 IS NULL OR (l.%1$I, l.id) %2$s ($9::%3$s, $10))
     ORDER BY l.%1$I %4$s, l.id %4$s LIMIT $11',
    sort_column, CASE WHEN descending THEN '<' ELSE '>' END, sort_type, CASE WHEN descending THEN 'DESC' ELSE 'ASC' END,
    coalesce(matches, 'false'))
  USING firm, statuses, counties, bands, seen_from, seen_to, arrested_from, arrested_to, after_key, after_id, page_size;
END $$;

-- ---------------------------------------------------------------- row-level security
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['domain', 'app_user', 'session', 'verification_token', 'api_key', 'ingest_run', 'ingest_batch',
    'suppression', 'lead', 'charge', 'observation', 'contact_point', 'enrichment', 'vendor_budget', 'vendor_lease', 'event',
    'event_seal', 'idempotency_key'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)
      WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
  END LOOP;
END $$;
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tenant USING (id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);

-- The platform plane reads the few columns that answer "whose is this host, this key, this job?" and "is this source healthy?".
CREATE POLICY platform_reads ON tenant FOR SELECT TO arrestra_platform USING (true);
CREATE POLICY platform_reads ON domain FOR SELECT TO arrestra_platform USING (true);
CREATE POLICY platform_reads ON api_key FOR SELECT TO arrestra_platform USING (true);
CREATE POLICY platform_reads ON ingest_run FOR SELECT TO arrestra_platform USING (true);
GRANT USAGE ON SCHEMA public TO arrestra_app, arrestra_platform, arrestra_search;
GRANT SELECT (id, slug, name, status, time_zone, demo) ON tenant TO arrestra_platform;
GRANT SELECT (tenant_id, host, verified_at) ON domain TO arrestra_platform;
GRANT SELECT (tenant_id, id, kid, secret_hash, scopes, expires_at, revoked_at) ON api_key TO arrestra_platform;
GRANT SELECT (tenant_id, source, county, status, started_at, finished_at, found, new, changed, same, rejected, suppressed, withdrawn)
  ON ingest_run TO arrestra_platform;

-- The app: what each verb needs, and no more. History and observations can only grow.
GRANT SELECT ON tenant, domain TO arrestra_app;
GRANT UPDATE (name, time_zone, hot_from, warm_from) ON tenant TO arrestra_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON app_user, session, verification_token, api_key, lead, charge, contact_point, enrichment,
  vendor_budget, vendor_lease, idempotency_key, rate_limit, suppression TO arrestra_app;
GRANT SELECT, INSERT, UPDATE ON ingest_run, ingest_batch TO arrestra_app;
GRANT SELECT, INSERT ON observation, event, event_seal TO arrestra_app;

GRANT SELECT (tenant_id, id, status, county, band, first_seen_at, sort_arrested_at, score, sort_bail_cents, search_text)
  ON lead TO arrestra_search;
GRANT CREATE ON SCHEMA public TO arrestra_search;
ALTER FUNCTION search_lead_ids OWNER TO arrestra_search;
REVOKE CREATE ON SCHEMA public FROM arrestra_search;
REVOKE EXECUTE ON FUNCTION search_lead_ids FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_lead_ids TO arrestra_app;
