-- A firm's connections to other services, and what is known of each side: who signed in where, how far each pull has come, what stands for what.

CREATE TABLE connection (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  provider text NOT NULL CHECK (provider IN ('acuity', 'google', 'zoom', 'zoho')),
  mode text NOT NULL CHECK (mode IN ('oauth', 'api_key', 'server_to_server')),
  state text NOT NULL CHECK (state IN ('connected', 'broken')),
  -- the account at the other side: its id there, and what a person calls it
  account_id text NOT NULL,
  account_label text NOT NULL,
  scopes text[] NOT NULL DEFAULT '{}',
  settings jsonb NOT NULL DEFAULT '{}',
  connected_by uuid NOT NULL,
  connected_at timestamptz NOT NULL,
  -- health: when the other side last answered well, and what it says since
  last_ok_at timestamptz,
  problem text,
  problem_at timestamptz,
  quota_left bigint,
  quota_at timestamptz,
  -- the access token: when it ends, and who is renewing it at this moment
  access_expires_at timestamptz,
  refresh_lease uuid,
  refresh_lease_until timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, provider)
);
-- A webhook names the connection, or the account at the other side; the firm is found through it.
CREATE INDEX connection_id_idx ON connection (id);
CREATE INDEX connection_account_idx ON connection (provider, account_id);

CREATE TABLE oauth_attempt (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  provider text NOT NULL,
  user_id uuid NOT NULL,
  session_id uuid NOT NULL,
  verifier_cipher text NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE webhook_delivery (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  provider text NOT NULL,
  delivery_key text NOT NULL,
  -- what was sent, until it is handled
  body_cipher text,
  received_at timestamptz NOT NULL,
  handled_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, provider, delivery_key),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_delivery_open_idx ON webhook_delivery (tenant_id, received_at) WHERE handled_at IS NULL;
CREATE INDEX webhook_delivery_connection_idx ON webhook_delivery (tenant_id, connection_id);

CREATE TABLE sync_cursor (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  resource text NOT NULL,
  phase text NOT NULL DEFAULT 'backfill' CHECK (phase IN ('backfill', 'incremental')),
  -- where the next portion begins, in the provider's own terms
  position jsonb,
  done integer NOT NULL DEFAULT 0,
  total integer,
  started_at timestamptz,
  finished_at timestamptz,
  next_run_at timestamptz NOT NULL,
  claimed_until timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  problem text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, connection_id, resource),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sync_cursor_due_idx ON sync_cursor (tenant_id, next_run_at);

CREATE TABLE push_channel (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  calendar_id text NOT NULL,
  resource_id text NOT NULL,
  token_hash text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX push_channel_connection_idx ON push_channel (tenant_id, connection_id);

-- When somebody is busy, without what they are busy with.
CREATE TABLE busy_time (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  external_id text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  is_all_day boolean NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, connection_id, external_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id) ON DELETE CASCADE,
  CHECK (starts_at <= ends_at)
);
CREATE INDEX busy_time_starts_idx ON busy_time (tenant_id, starts_at);

-- Which field of the CRM holds which fact, and whose word counts when both sides changed it.
CREATE TABLE crm_field (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  ours text NOT NULL,
  theirs text NOT NULL,
  rule text NOT NULL CHECK (rule IN ('ours', 'theirs', 'newest')),
  PRIMARY KEY (tenant_id, connection_id, ours),
  UNIQUE (tenant_id, connection_id, theirs),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id) ON DELETE CASCADE
);

-- Ours beside theirs, as last compared.
CREATE TABLE drift_report (
  tenant_id uuid NOT NULL,
  connection_id uuid NOT NULL,
  checked_at timestamptz NOT NULL,
  ours integer NOT NULL,
  theirs integer NOT NULL,
  only_ours integer NOT NULL,
  only_theirs integer NOT NULL,
  different integer NOT NULL,
  -- at most a hundred of them: ids of ours and theirs, and in what they differ; no values
  items jsonb NOT NULL,
  PRIMARY KEY (tenant_id, connection_id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id) ON DELETE CASCADE
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['connection', 'oauth_attempt', 'webhook_delivery', 'sync_cursor', 'push_channel', 'busy_time', 'crm_field', 'drift_report'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)
      WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
  END LOOP;
END $$;
-- Whose webhook is this?
CREATE POLICY platform_reads ON connection FOR SELECT TO arrestra_platform USING (true);
GRANT SELECT (tenant_id, id, provider, account_id, state) ON connection TO arrestra_platform;

GRANT SELECT, INSERT, DELETE ON connection, oauth_attempt, webhook_delivery, sync_cursor, push_channel, busy_time, crm_field, drift_report TO arrestra_app;
GRANT UPDATE (mode, state, account_id, account_label, scopes, settings, connected_by, connected_at, last_ok_at, problem, problem_at, quota_left, quota_at,
  access_expires_at, refresh_lease, refresh_lease_until) ON connection TO arrestra_app;
-- A seal may be renewed under another key.
GRANT UPDATE (verifier_cipher) ON oauth_attempt TO arrestra_app;
GRANT UPDATE (body_cipher, received_at, handled_at) ON webhook_delivery TO arrestra_app;
GRANT UPDATE (phase, position, done, total, started_at, finished_at, next_run_at, claimed_until, attempts, problem) ON sync_cursor TO arrestra_app;
GRANT UPDATE (starts_at, ends_at, is_all_day) ON busy_time TO arrestra_app;
GRANT UPDATE (theirs, rule) ON crm_field TO arrestra_app;
GRANT UPDATE (checked_at, ours, theirs, only_ours, only_theirs, different, items) ON drift_report TO arrestra_app;
