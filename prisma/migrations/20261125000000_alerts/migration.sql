-- Who wants to hear of new HOT leads and how, and what each was told: once per lead, person and way.

CREATE TABLE alert_choice (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  by_mail boolean NOT NULL DEFAULT false,
  by_text boolean NOT NULL DEFAULT false,
  -- where texts go, in E.164; nothing is sent there until a code came back from it
  phone_cipher text,
  phone_confirmed_at timestamptz,
  code_hash text,
  code_until timestamptz,
  code_tries integer NOT NULL DEFAULT 0 CHECK (code_tries >= 0),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE,
  CHECK (phone_confirmed_at IS NULL OR phone_cipher IS NOT NULL),
  CHECK (NOT by_text OR phone_confirmed_at IS NOT NULL)
);

CREATE TABLE lead_alert (
  tenant_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  user_id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('mail', 'text')),
  state text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  -- not before then, and while it is sent: nobody else until then
  due_at timestamptz NOT NULL,
  -- one message may tell of several leads
  message_id text,
  problem text,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, lead_id, user_id, channel),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE,
  CHECK ((state IN ('sent', 'failed')) = (ended_at IS NOT NULL)),
  CHECK ((state = 'failed') = (problem IS NOT NULL))
);
CREATE INDEX lead_alert_due_idx ON lead_alert (tenant_id, due_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX lead_alert_user_idx ON lead_alert (tenant_id, user_id);
-- how many texts went out in a day
CREATE INDEX lead_alert_texts_idx ON lead_alert (tenant_id, ended_at) WHERE channel = 'text' AND state = 'sent';

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['alert_choice', 'lead_alert'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)
      WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
  END LOOP;
END $$;
-- What hangs on a lead is seen with it, as in 20261122010000_lead_scope.
CREATE POLICY member_scope ON lead_alert AS RESTRICTIVE USING (
  (SELECT CASE WHEN coalesce(current_setting('app.scope_counties', true), '') || coalesce(current_setting('app.scope_classes', true), '') = ''
    THEN 'all' ELSE 'some' END) <> 'some'
  OR EXISTS (SELECT FROM lead WHERE lead.tenant_id = lead_alert.tenant_id AND lead.id = lead_alert.lead_id));

GRANT SELECT, INSERT, DELETE, UPDATE (by_mail, by_text, phone_cipher, phone_confirmed_at, code_hash, code_until, code_tries, updated_at) ON alert_choice TO arrestra_app;
GRANT SELECT, INSERT, DELETE, UPDATE (state, attempts, due_at, message_id, problem, ended_at) ON lead_alert TO arrestra_app;
