-- Firms are made, shut, opened again and closed by whoever runs the platform. A domain of a firm's own is proven by a TXT record. A firm that leaves is
-- erased whole and leaves a certificate.

ALTER TABLE tenant
  ADD COLUMN status_reason text,
  ADD COLUMN status_changed_at timestamptz,
  -- Set with status closed: from then on its rows may be erased.
  ADD COLUMN erase_after timestamptz;
GRANT INSERT (id, slug, name, time_zone, demo, created_at) ON tenant TO arrestra_app;
GRANT UPDATE (status, status_reason, status_changed_at, erase_after) ON tenant TO arrestra_app;
GRANT SELECT (created_at, status_reason, status_changed_at, erase_after) ON tenant TO arrestra_platform;
-- How many people a firm has, and nothing about them.
CREATE POLICY platform_reads ON app_user FOR SELECT TO arrestra_platform USING (true);
GRANT SELECT (tenant_id, disabled_at) ON app_user TO arrestra_platform;

-- Domains from before get a record of their own; the code names one for every new row.
ALTER TABLE domain
  ADD COLUMN token text NOT NULL DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
  ADD COLUMN checked_at timestamptz,
  ADD COLUMN problem text CHECK (problem IN ('absent', 'other', 'unreachable', 'taken')),
  -- Since when a verified domain's record is surely gone; null while it is there, and while nobody knows.
  ADD COLUMN failing_since timestamptz;
ALTER TABLE domain ALTER COLUMN token DROP DEFAULT;
-- Who only claims a host must not keep its owner from proving it, so a host is unique among proven domains alone. Like before, the index cannot start
-- with the firm: it answers "whose host is this?".
DROP INDEX domain_host_key;
CREATE UNIQUE INDEX domain_verified_host_key ON domain (host) WHERE verified_at IS NOT NULL;
ALTER TABLE domain ADD CONSTRAINT domain_tenant_id_host_key UNIQUE (tenant_id, host);
GRANT INSERT, DELETE ON domain TO arrestra_app;
GRANT UPDATE (verified_at, checked_at, problem, failing_since) ON domain TO arrestra_app;

-- What is left of a firm that was erased: that it was, and how much. Written by the owner alone; outlives the firm, so it names it by a column that
-- no policy reads.
CREATE TABLE erasure_certificate (
  firm_id uuid PRIMARY KEY,
  slug text NOT NULL,
  -- Rows per table, counted as they went.
  counts jsonb NOT NULL,
  -- The end of the firm's sealed chain, to be held against heads that were kept elsewhere.
  head_sequence bigint NOT NULL,
  head_hash text NOT NULL,
  erased_by text NOT NULL,
  began_at timestamptz NOT NULL,
  -- Null while the erasure is under way, or broke off: the same command goes on.
  finished_at timestamptz
);
GRANT SELECT ON erasure_certificate TO arrestra_platform;

-- History stays append-only, with one way out: the owner, who says which closed firm is being erased, may remove that firm's rows. Nobody may change a
-- row, and the app role has no grant to remove one.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_LEVEL = 'ROW' AND TG_OP = 'DELETE' AND current_user = 'arrestra_owner' THEN
    IF OLD.tenant_id::text = current_setting('app.erasing_firm', true)
       AND EXISTS (SELECT FROM public.tenant WHERE id = OLD.tenant_id AND status = 'closed') THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
