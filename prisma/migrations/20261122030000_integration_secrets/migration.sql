-- What a firm's integrations sign in with elsewhere: tokens, webhook secrets. Sealed in the column, one value per provider and name.
CREATE TABLE integration_secret (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  provider text NOT NULL,
  name text NOT NULL,
  value_cipher text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, provider, name)
);
ALTER TABLE integration_secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE integration_secret FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON integration_secret USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, DELETE, UPDATE (value_cipher, updated_at) ON integration_secret TO arrestra_app;
