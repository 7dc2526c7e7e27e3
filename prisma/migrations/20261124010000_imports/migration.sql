-- Imports: a firm's own list as a CSV, looked through without writing a lead, then taken in and, if it must be, taken back.

CREATE TABLE lead_import (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  created_by uuid NOT NULL,
  filename text NOT NULL,
  bytes bigint CHECK (bytes >= 0),
  -- null once the file is gone
  file_key text,
  -- what was looked at, so that nothing else is read
  file_version text,
  -- the upload under way, and when it counts as broken off
  upload_id uuid,
  upload_until timestamptz,
  state text NOT NULL CHECK (state IN ('uploading', 'mapping', 'checking', 'checked', 'importing', 'done', 'failed', 'undoing', 'undone')),
  -- what failed, so that it can be taken up again
  failed_at text CHECK (failed_at IN ('checking', 'importing', 'undoing')),
  -- the county of rows that name none
  county text,
  delimiter text CHECK (delimiter IN (',', ';', E'\t', '|')),
  -- the columns of the file by their names, and which field is read from which of them
  header jsonb,
  mapping jsonb NOT NULL DEFAULT '{}',
  -- who asked for the work that waits or is under way
  asked_by uuid,
  -- the run that is at work, when it last said so, and how often one began
  run_id uuid,
  beat_at timestamptz,
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  rows_total integer CHECK (rows_total >= 0),
  rows_done integer NOT NULL DEFAULT 0 CHECK (rows_done >= 0),
  created integer NOT NULL DEFAULT 0 CHECK (created >= 0),
  updated integer NOT NULL DEFAULT 0 CHECK (updated >= 0),
  unchanged integer NOT NULL DEFAULT 0 CHECK (unchanged >= 0),
  rejected integer NOT NULL DEFAULT 0 CHECK (rejected >= 0),
  suppressed integer NOT NULL DEFAULT 0 CHECK (suppressed >= 0),
  -- of an undo: leads taken back, and leads kept by reason
  withdrawn integer NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),
  kept jsonb NOT NULL DEFAULT '{}',
  problem text,
  created_at timestamptz NOT NULL,
  -- the moment at which its leads count as seen
  observed_at timestamptz,
  finished_at timestamptz,
  -- when the file goes
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (run_id IS NULL OR state IN ('checking', 'importing', 'undoing')),
  CHECK ((state = 'failed') = (failed_at IS NOT NULL))
);
CREATE INDEX lead_import_list_idx ON lead_import (tenant_id, created_at, id);
CREATE INDEX lead_import_under_way_idx ON lead_import (tenant_id, beat_at) WHERE state IN ('checking', 'importing', 'undoing');
CREATE INDEX lead_import_expires_idx ON lead_import (tenant_id, expires_at) WHERE file_key IS NOT NULL;

-- Why a row was not taken. Says which field, never what stood there.
CREATE TABLE lead_import_problem (
  tenant_id uuid NOT NULL,
  import_id uuid NOT NULL,
  row_number integer NOT NULL CHECK (row_number > 0),
  field text NOT NULL,
  code text NOT NULL CHECK (code IN ('invalid', 'juvenile', 'duplicate', 'malformed')),
  reason text NOT NULL,
  PRIMARY KEY (tenant_id, import_id, row_number),
  FOREIGN KEY (tenant_id, import_id) REFERENCES lead_import (tenant_id, id) ON DELETE CASCADE
);

-- The leads that an import brought: what an undo may take back.
CREATE TABLE lead_import_lead (
  tenant_id uuid NOT NULL,
  import_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, import_id, lead_id),
  FOREIGN KEY (tenant_id, import_id) REFERENCES lead_import (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX lead_import_lead_lead_idx ON lead_import_lead (tenant_id, lead_id);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['lead_import', 'lead_import_problem', 'lead_import_lead'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)
      WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
  END LOOP;
END $$;
-- What hangs on a lead is seen with it, as in 20261122010000_lead_scope.
CREATE POLICY member_scope ON lead_import_lead AS RESTRICTIVE USING (
  (SELECT CASE WHEN coalesce(current_setting('app.scope_counties', true), '') || coalesce(current_setting('app.scope_classes', true), '') = ''
    THEN 'all' ELSE 'some' END) <> 'some'
  OR EXISTS (SELECT FROM lead WHERE lead.tenant_id = lead_import_lead.tenant_id AND lead.id = lead_import_lead.lead_id));

GRANT SELECT, INSERT, DELETE, UPDATE (bytes, file_key, file_version, upload_id, upload_until, asked_by, state, failed_at, county, delimiter, header, mapping, run_id, beat_at, attempts, rows_total, rows_done,
  created, updated, unchanged, rejected, suppressed, withdrawn, kept, problem, observed_at, finished_at, expires_at) ON lead_import TO arrestra_app;
GRANT SELECT, INSERT, DELETE ON lead_import_problem TO arrestra_app;
GRANT SELECT, INSERT, DELETE ON lead_import_lead TO arrestra_app;
