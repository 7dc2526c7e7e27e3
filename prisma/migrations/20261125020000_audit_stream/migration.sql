-- How far a firm's sealed events have been written to the log group of the audit trail.

CREATE TABLE audit_stream (
  tenant_id uuid PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
  sequence bigint NOT NULL CHECK (sequence >= 0),
  written_at timestamptz NOT NULL
);

ALTER TABLE audit_stream ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_stream FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON audit_stream USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE (sequence, written_at) ON audit_stream TO arrestra_app;
