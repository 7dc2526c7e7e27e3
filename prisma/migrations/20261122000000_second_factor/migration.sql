-- The second factor: authenticators, passkeys, recovery codes, and the moment between the password and the code. Sessions know when their factor was
-- last shown, users which counties and charges they may see, keys who made them and what replaced them.

-- Every session so far was opened with a password alone: everybody signs in again.
TRUNCATE session;
ALTER TABLE session
  ADD COLUMN factor text NOT NULL CHECK (factor IN ('totp', 'passkey', 'recovery_code')),
  ADD COLUMN factor_at timestamptz NOT NULL,
  -- What a passkey has to sign, once, to register or to step up in this session.
  ADD COLUMN challenge text;

ALTER TABLE app_user
  ADD COLUMN password_changed_at timestamptz,
  -- Empty = all. Else only the leads of these counties, and only with one of these as the gravest charge (lib/core/offense.ts).
  ADD COLUMN scope_counties text[] NOT NULL DEFAULT '{}',
  ADD COLUMN scope_classes text[] NOT NULL DEFAULT '{}',
  -- Who runs the firm sees the firm.
  ADD CONSTRAINT app_user_scope_check CHECK (role NOT IN ('owner', 'admin') OR (scope_counties = '{}' AND scope_classes = '{}'));

-- An authenticator app. A new one waits unconfirmed beside the one in use until its first code was shown.
CREATE TABLE totp (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  secret_cipher text NOT NULL,
  -- The time step of the last code that was taken: that code and every older one are spent.
  last_step bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX totp_confirmed_key ON totp (tenant_id, user_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX totp_waiting_key ON totp (tenant_id, user_id) WHERE confirmed_at IS NULL;

CREATE TABLE passkey (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  credential_id text NOT NULL,
  public_key text NOT NULL,
  sign_count bigint NOT NULL DEFAULT 0,
  transports text[] NOT NULL DEFAULT '{}',
  -- The exact host it was made on: a firm that changes its domain registers again.
  rp_id text NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, credential_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX passkey_user_idx ON passkey (tenant_id, user_id);

CREATE TABLE recovery_code (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  code_hash text NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (tenant_id, user_id, code_hash),
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE
);

-- A sign-in after its password and before its second factor. A row is written whether the password was right or not, so that nobody can tell.
CREATE TABLE sign_in_attempt (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  token_hash text NOT NULL,
  -- Null = the e-mail or the password was wrong: no code will do.
  user_id uuid,
  -- The password hash that was right then: with another password since, the attempt is void.
  password_hash text,
  challenge text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sign_in_attempt_expiry_idx ON sign_in_attempt (tenant_id, expires_at);

ALTER TABLE api_key ADD COLUMN created_by uuid, ADD COLUMN replaced_by uuid;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['totp', 'passkey', 'recovery_code', 'sign_in_attempt'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)
      WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON totp, passkey, recovery_code, sign_in_attempt TO arrestra_app;
