-- What is left of a person who was erased from a firm: that it was done, on which order, and how much went. Names nobody; the owner alone writes it.

CREATE TABLE person_erasure (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- the lead that was; null where a firm held nothing and was only told not to take it
  erased_lead_id uuid,
  reason text NOT NULL CHECK (reason IN ('expunction', 'nondisclosure', 'mistaken', 'request')),
  -- what the order is filed under
  order_ref text,
  -- the tombstones in table suppression
  digests text[] NOT NULL,
  -- rows per table
  counts jsonb NOT NULL,
  -- what stands at other services, and which exports may hold it
  facts jsonb NOT NULL,
  -- keys of files that are still to go
  files_left text[] NOT NULL,
  event_id uuid,
  -- the end of the sealed chain before it
  head_sequence bigint NOT NULL,
  head_hash text NOT NULL,
  erased_by text NOT NULL,
  began_at timestamptz NOT NULL,
  -- null while files are left, or it broke off: the same command goes on
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, erased_lead_id)
);

ALTER TABLE person_erasure ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_erasure FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON person_erasure USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);

-- A limited member sees leads of some counties or charges, and nobody can tell any more whether this was one.
CREATE POLICY member_scope ON person_erasure AS RESTRICTIVE USING (
  coalesce(current_setting('app.scope_counties', true), '') || coalesce(current_setting('app.scope_classes', true), '') = '');

-- The firm takes its certificates along; the app writes none.
GRANT SELECT ON person_erasure TO arrestra_app;
