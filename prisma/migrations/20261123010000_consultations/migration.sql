-- Consultations: what was booked, who came, what came of it, and what stands for them elsewhere.

CREATE TABLE consultation (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  -- acuity: it is booked, moved and canceled there; firm: here
  origin text NOT NULL CHECK (origin IN ('acuity', 'firm')),
  source_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('scheduled', 'canceled', 'no_show')),
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  time_zone text NOT NULL,
  kind text NOT NULL,
  calendar_name text,
  location text,
  -- where to meet on video: a link that lets whoever has it in
  join_url_cipher text,
  join_url_from text CHECK (join_url_from IN ('acuity', 'zoom', 'firm')),
  notes_cipher text,
  price_cents integer CHECK (price_cents >= 0),
  is_paid boolean,
  booked_at timestamptz NOT NULL,
  content_hash text NOT NULL,
  -- what the firm says of it
  outcome text CHECK (outcome IN ('retained', 'thinking', 'declined')),
  outcome_at timestamptz,
  outcome_by uuid,
  attendance text NOT NULL DEFAULT 'unknown' CHECK (attendance IN ('unknown', 'attended', 'absent')),
  -- who said so: counted from the meeting, or a person's word, which counts more
  attendance_from text CHECK (attendance_from IN ('zoom', 'person')),
  attended_seconds integer CHECK (attended_seconds >= 0),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, origin, source_id),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE,
  CHECK (starts_at < ends_at)
);
CREATE INDEX consultation_starts_idx ON consultation (tenant_id, starts_at, id);
CREATE INDEX consultation_lead_idx ON consultation (tenant_id, lead_id, starts_at);

-- The order of looks at a booking: a look that began earlier says nothing against one that began later.
CREATE TABLE booking_look (
  tenant_id uuid NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  origin text NOT NULL,
  source_id text NOT NULL,
  begun integer NOT NULL DEFAULT 0,
  stored integer NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, origin, source_id)
);

-- When somebody was in the meeting. One row per time they came in.
CREATE TABLE attendance_interval (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  consultation_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  -- the meeting's occurrence and the person there, as a keyed digest
  occurrence text NOT NULL,
  person_key text NOT NULL,
  name_cipher text NOT NULL,
  is_host boolean NOT NULL,
  joined_at timestamptz NOT NULL,
  left_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, consultation_id, occurrence, person_key, joined_at),
  FOREIGN KEY (tenant_id, consultation_id) REFERENCES consultation (tenant_id, id) ON DELETE CASCADE
);

-- What stands for ours at the other side.
CREATE TABLE sync_link (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  connection_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('event', 'meeting', 'crm_lead')),
  lead_id uuid NOT NULL,
  consultation_id uuid,
  external_id text,
  etag text,
  external_modified_at timestamptz,
  state text NOT NULL CHECK (state IN ('pending', 'linked', 'removed', 'failed')),
  -- digest of what was last written there, and of each field, so that an echo is not taken for a change
  pushed_hash text,
  snapshot jsonb,
  details jsonb NOT NULL DEFAULT '{}',
  problem text,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  -- somebody is writing there at this moment
  claimed_until timestamptz,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, consultation_id) REFERENCES consultation (tenant_id, id) ON DELETE CASCADE,
  CHECK ((kind = 'crm_lead') = (consultation_id IS NULL))
);
CREATE UNIQUE INDEX sync_link_consultation_key ON sync_link (tenant_id, connection_id, kind, consultation_id) WHERE consultation_id IS NOT NULL;
CREATE UNIQUE INDEX sync_link_lead_key ON sync_link (tenant_id, connection_id, kind, lead_id) WHERE consultation_id IS NULL;
CREATE UNIQUE INDEX sync_link_external_key ON sync_link (tenant_id, connection_id, kind, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX sync_link_lead_idx ON sync_link (tenant_id, lead_id);
CREATE INDEX sync_link_consultation_idx ON sync_link (tenant_id, consultation_id);
CREATE INDEX sync_link_due_idx ON sync_link (tenant_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE reminder (
  tenant_id uuid NOT NULL,
  consultation_id uuid NOT NULL,
  user_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  -- a consultation that moved is one to be reminded of again
  starts_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at timestamptz,
  PRIMARY KEY (tenant_id, user_id, consultation_id, starts_at),
  FOREIGN KEY (tenant_id, consultation_id) REFERENCES consultation (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX reminder_consultation_idx ON reminder (tenant_id, consultation_id);
-- Minutes before a consultation; null for no reminders.
ALTER TABLE app_user ADD COLUMN remind_minutes integer DEFAULT 60 CHECK (remind_minutes BETWEEN 5 AND 2880);

CREATE TABLE calendar_feed (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  secret_hash text NOT NULL,
  shows_names boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  read_at timestamptz,
  PRIMARY KEY (tenant_id, user_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, id) ON DELETE CASCADE
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['consultation', 'booking_look', 'attendance_interval', 'sync_link', 'reminder', 'calendar_feed'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)
      WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
  END LOOP;
  -- What hangs on a lead is seen with it, as in 20261122010000_lead_scope.
  FOREACH t IN ARRAY ARRAY['consultation', 'attendance_interval', 'sync_link', 'reminder'] LOOP
    EXECUTE format('CREATE POLICY member_scope ON %1$I AS RESTRICTIVE USING (
      (SELECT CASE WHEN coalesce(current_setting(''app.scope_counties'', true), '''') || coalesce(current_setting(''app.scope_classes'', true), '''') = ''''
        THEN ''all'' ELSE ''some'' END) <> ''some''
      OR EXISTS (SELECT FROM lead WHERE lead.tenant_id = %1$I.tenant_id AND lead.id = %1$I.lead_id))', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT ON consultation TO arrestra_app;
GRANT UPDATE (lead_id, state, starts_at, ends_at, time_zone, kind, calendar_name, location, join_url_cipher, join_url_from, notes_cipher, price_cents, is_paid,
  booked_at, content_hash, outcome, outcome_at, outcome_by, attendance, attendance_from, attended_seconds, version, updated_at) ON consultation TO arrestra_app;
GRANT SELECT, INSERT, UPDATE (begun, stored) ON booking_look TO arrestra_app;
GRANT SELECT, INSERT, UPDATE (lead_id, name_cipher, left_at), DELETE ON attendance_interval TO arrestra_app;
GRANT SELECT, INSERT, DELETE, UPDATE (lead_id, external_id, etag, external_modified_at, state, pushed_hash, snapshot, details, problem, attempts, next_attempt_at,
  claimed_until, updated_at) ON sync_link TO arrestra_app;
GRANT SELECT, INSERT, DELETE, UPDATE (lead_id, seen_at) ON reminder TO arrestra_app;
GRANT SELECT, INSERT, DELETE, UPDATE (secret_hash, shows_names, created_at, read_at) ON calendar_feed TO arrestra_app;
