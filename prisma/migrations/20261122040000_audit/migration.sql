-- The audit trail: every filter of its page reads its rows from an index, newest first, and what watches the chains keeps its findings where
-- operators can read them.

DROP INDEX event_type_idx;
CREATE INDEX event_type_idx ON event (tenant_id, type, occurred_at, id);
CREATE INDEX event_occurred_idx ON event (tenant_id, occurred_at, id);
CREATE INDEX event_actor_idx ON event (tenant_id, actor_id, occurred_at, id);

-- One row per firm. Nothing here is evidence: whoever can write it could say what they like. The evidence is the chain and the heads kept elsewhere.
CREATE TABLE audit_watch (
  tenant_id uuid PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
  watched_at timestamptz,
  -- The oldest event that has no seal yet.
  unsealed_since timestamptz,
  -- The newest signed head, and since when a seal has waited for the next one.
  head_sequence bigint,
  head_at timestamptz,
  head_due_since timestamptz,
  -- Up to where the chain was found intact, and when it was last walked from its start.
  verified_sequence bigint,
  verified_hash text,
  verified_at timestamptz,
  fully_verified_at timestamptz,
  -- The first bad row that the last verification found.
  problem text,
  problem_sequence bigint,
  problem_event_id uuid,
  problem_since timestamptz
);

ALTER TABLE audit_watch ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_watch FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON audit_watch USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY platform_reads ON audit_watch FOR SELECT TO arrestra_platform USING (true);
GRANT SELECT, INSERT, UPDATE ON audit_watch TO arrestra_app;
GRANT SELECT (tenant_id, watched_at, unsealed_since, head_due_since, verified_at, problem, problem_sequence, problem_event_id, problem_since)
  ON audit_watch TO arrestra_platform;
