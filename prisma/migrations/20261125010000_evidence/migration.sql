-- Files that a firm keeps with a lead. The bytes lie in a bucket or a folder, under the firm's own prefix; this is what is known of them.

CREATE TABLE evidence_file (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  -- what people call a file often says who it is about
  name_cipher text NOT NULL,
  type text NOT NULL,
  -- as whoever added it said: a file of another size is refused
  bytes bigint NOT NULL CHECK (bytes > 0),
  sha256 text,
  state text NOT NULL CHECK (state IN ('uploading', 'checking', 'ready', 'refused')),
  problem text,
  file_key text NOT NULL,
  -- what tells the file that was checked from another that came after it
  file_version text,
  added_by_type text NOT NULL CHECK (added_by_type IN ('user', 'apiKey')),
  added_by uuid NOT NULL,
  created_at timestamptz NOT NULL,
  -- when somebody looks again: until when it may be uploaded, when a check must have lost its job, when a refusal has been read
  due_at timestamptz NOT NULL,
  -- how many looks at it began: one that fails each time ends
  checks integer NOT NULL DEFAULT 0 CHECK (checks >= 0),
  ready_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE,
  CHECK ((state = 'refused') = (problem IS NOT NULL)),
  CHECK ((state = 'ready') = (ready_at IS NOT NULL)),
  CHECK (state <> 'ready' OR (sha256 IS NOT NULL AND file_version IS NOT NULL))
);
CREATE INDEX evidence_file_lead_idx ON evidence_file (tenant_id, lead_id, created_at, id);
CREATE INDEX evidence_file_under_way_idx ON evidence_file (tenant_id, due_at) WHERE state IN ('uploading', 'checking', 'refused');

ALTER TABLE evidence_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE evidence_file FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON evidence_file USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
-- What hangs on a lead is seen with it, as in 20261122010000_lead_scope.
CREATE POLICY member_scope ON evidence_file AS RESTRICTIVE USING (
  (SELECT CASE WHEN coalesce(current_setting('app.scope_counties', true), '') || coalesce(current_setting('app.scope_classes', true), '') = ''
    THEN 'all' ELSE 'some' END) <> 'some'
  OR EXISTS (SELECT FROM lead WHERE lead.tenant_id = evidence_file.tenant_id AND lead.id = evidence_file.lead_id));

GRANT SELECT, INSERT, DELETE, UPDATE (name_cipher, sha256, state, problem, file_key, file_version, due_at, checks, ready_at) ON evidence_file TO arrestra_app;

-- How much the firm keeps, whatever part of its leads the asking member may see: the firm's limit is one for all of them. The limits of the member are put aside in
-- the body, since only a superuser may name settings of ours in a SET clause of a function.
CREATE FUNCTION evidence_bytes() RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public
AS $$
DECLARE
  counties text := coalesce(current_setting('app.scope_counties', true), '');
  classes text := coalesce(current_setting('app.scope_classes', true), '');
  total bigint;
BEGIN
  PERFORM set_config('app.scope_counties', '', true), set_config('app.scope_classes', '', true);
  SELECT coalesce(sum(bytes), 0) INTO total FROM evidence_file WHERE tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  PERFORM set_config('app.scope_counties', counties, true), set_config('app.scope_classes', classes, true);
  RETURN total;
END $$;

-- A firm's own key of KMS, which its files are sealed with in place of ours.
-- arrestra:allow constraint-not-valid: the table has a row for each firm, and the column is new: there is nothing to look through.
ALTER TABLE tenant ADD COLUMN evidence_key_arn text CHECK (evidence_key_arn ~ '^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$');
