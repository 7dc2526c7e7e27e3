-- Exports that are prepared: a job writes the file, and who asked fetches it for a day.

CREATE TABLE file_export (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('leads', 'audit')),
  asked_by_type text NOT NULL CHECK (asked_by_type IN ('user', 'apiKey')),
  asked_by uuid NOT NULL,
  -- what was searched for is often a name
  filter_cipher text NOT NULL,
  -- the same in words, without what was searched for
  about text NOT NULL,
  -- the leads that the file is limited to; null: none, or no leads
  scope jsonb,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'ready', 'failed', 'expired')),
  -- the run that is at work, when it last said so, and how many there were
  run_id uuid,
  beat_at timestamptz,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  rows_expected integer CHECK (rows_expected >= 0),
  rows_done integer NOT NULL DEFAULT 0 CHECK (rows_done >= 0),
  bytes bigint CHECK (bytes >= 0),
  filename text NOT NULL,
  file_key text,
  problem text,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK ((state = 'running') = (run_id IS NOT NULL)),
  CHECK ((state = 'ready') = (file_key IS NOT NULL)),
  CHECK (state <> 'ready' OR (bytes IS NOT NULL AND expires_at IS NOT NULL)),
  CHECK ((state = 'failed') = (problem IS NOT NULL))
);
CREATE INDEX file_export_list_idx ON file_export (tenant_id, created_at, id);
CREATE INDEX file_export_asked_idx ON file_export (tenant_id, asked_by, created_at, id);
CREATE INDEX file_export_under_way_idx ON file_export (tenant_id, beat_at) WHERE state IN ('waiting', 'running');
CREATE INDEX file_export_expires_idx ON file_export (tenant_id, expires_at) WHERE file_key IS NOT NULL;

ALTER TABLE file_export ENABLE ROW LEVEL SECURITY;
ALTER TABLE file_export FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON file_export USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT, INSERT, DELETE, UPDATE (filter_cipher, scope, state, run_id, beat_at, attempts, rows_expected, rows_done, bytes, file_key, problem, started_at,
  finished_at, expires_at) ON file_export TO arrestra_app;
