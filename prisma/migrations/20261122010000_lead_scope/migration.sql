-- What a member may see: a user limited to counties or charges reaches no other lead, nor anything that hangs on one, whatever a query forgets to say.
-- And what a person says about a status change leaves the history: it can be erased with its lead.

-- ---------------------------------------------------------------- words about a lead
CREATE TABLE lead_note (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  lead_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('reason', 'note')),
  text_cipher text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, lead_id) REFERENCES lead (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX lead_note_lead_idx ON lead_note (tenant_id, lead_id);
ALTER TABLE lead_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE lead_note FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON lead_note USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
-- A note is written once; its seal may be renewed under another key.
GRANT SELECT, INSERT, UPDATE (text_cipher) ON lead_note TO arrestra_app;

-- Nobody read it, and it kept the same words in the clear.
ALTER TABLE lead DROP COLUMN status_reason;

-- ---------------------------------------------------------------- pages of a member limited to charges
CREATE INDEX lead_class_first_seen_idx ON lead (tenant_id, top_class, first_seen_at, id);
CREATE INDEX lead_class_arrested_idx ON lead (tenant_id, top_class, sort_arrested_at, id);
CREATE INDEX lead_class_score_idx ON lead (tenant_id, top_class, score, id);
CREATE INDEX lead_class_bail_idx ON lead (tenant_id, top_class, sort_bail_cents, id);

-- ---------------------------------------------------------------- the limit
-- app.scope_counties and app.scope_classes are JSON arrays, set for the length of a transaction (lib/platform/db.ts); empty is no limit. Settings are
-- read in sub-selects, once per query instead of once per row. The comparison with 'some' is how the planner is told that most rows pass: it takes
-- nearly all of them for `<>`, and one in two hundred for `=`, which would spoil the plans of everybody without a limit.
-- USING without WITH CHECK holds for writes too.
CREATE POLICY member_scope ON lead AS RESTRICTIVE USING (
  ((SELECT CASE WHEN coalesce(current_setting('app.scope_counties', true), '') = '' THEN 'all' ELSE 'some' END) <> 'some'
    OR county = ANY (ARRAY(SELECT jsonb_array_elements_text(NULLIF(current_setting('app.scope_counties', true), '')::jsonb))))
  AND ((SELECT CASE WHEN coalesce(current_setting('app.scope_classes', true), '') = '' THEN 'all' ELSE 'some' END) <> 'some'
    OR top_class = ANY (ARRAY(SELECT jsonb_array_elements_text(NULLIF(current_setting('app.scope_classes', true), '')::jsonb)))));

-- What hangs on a lead is seen with it. The lead is asked for under its own policies, and only when there is a limit.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['charge', 'observation', 'contact_point', 'enrichment', 'lead_note', 'event'] LOOP
    EXECUTE format('CREATE POLICY member_scope ON %1$I AS RESTRICTIVE USING (%2$s
      (SELECT CASE WHEN coalesce(current_setting(''app.scope_counties'', true), '''') || coalesce(current_setting(''app.scope_classes'', true), '''') = ''''
        THEN ''all'' ELSE ''some'' END) <> ''some''
      OR EXISTS (SELECT FROM lead WHERE lead.tenant_id = %1$I.tenant_id AND lead.id = %1$I.lead_id))',
      t, CASE t WHEN 'event' THEN 'lead_id IS NULL OR' END);
  END LOOP;
END $$;

-- ---------------------------------------------------------------- search, which runs past the policies, limits itself
CREATE OR REPLACE FUNCTION search_lead_ids(
  words text[], statuses text[], counties text[], bands text[],
  seen_from timestamptz, seen_to timestamptz, arrested_from timestamptz, arrested_to timestamptz,
  sort text, descending boolean, after_key text, after_id uuid, page_size integer
) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
  firm uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
  county_limit jsonb := NULLIF(current_setting('app.scope_counties', true), '')::jsonb;
  class_limit jsonb := NULLIF(current_setting('app.scope_classes', true), '')::jsonb;
  own_counties text[] := CASE WHEN county_limit IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(county_limit)) END;
  own_classes text[] := CASE WHEN class_limit IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(class_limit)) END;
  sort_column text := CASE sort WHEN 'firstSeen' THEN 'first_seen_at' WHEN 'arrested' THEN 'sort_arrested_at'
                                WHEN 'bail' THEN 'sort_bail_cents' WHEN 'score' THEN 'score' END;
  sort_type text := CASE sort WHEN 'bail' THEN 'bigint' WHEN 'score' THEN 'integer' ELSE 'timestamptz' END;
  matches text;
BEGIN
  IF firm IS NULL OR sort_column IS NULL THEN RETURN; END IF;
  -- The words come folded (fold() in lib/core/text.ts), as search_text was when the lead was written. Each becomes a quoted condition of its
  -- own: LIKE ALL over an array cannot use the trigram index.
  SELECT string_agg(format('l.search_text LIKE %L', '%' || replace(replace(replace(w, '\', '\\'), '%', '\%'), '_', '\_') || '%'), ' AND ')
    INTO matches FROM unnest(words) AS w;
  RETURN QUERY EXECUTE format(
    'SELECT l.id FROM public.lead l WHERE l.tenant_id = $1 AND %5$s
       AND ($12 IS NULL OR l.county = ANY ($12)) AND ($13 IS NULL OR l.top_class = ANY ($13))
       AND ($2 IS NULL OR l.status = ANY ($2)) AND ($3 IS NULL OR l.county = ANY ($3)) AND ($4 IS NULL OR l.band = ANY ($4))
       AND ($5 IS NULL OR l.first_seen_at >= $5) AND ($6 IS NULL OR l.first_seen_at < $6)
       AND ($7 IS NULL OR l.sort_arrested_at >= $7) AND ($8 IS NULL OR l.sort_arrested_at < $8)
       AND ($9 IS NULL OR (l.%1$I, l.id) %2$s ($9::%3$s, $10))
     ORDER BY l.%1$I %4$s, l.id %4$s LIMIT $11',
    sort_column, CASE WHEN descending THEN '<' ELSE '>' END, sort_type, CASE WHEN descending THEN 'DESC' ELSE 'ASC' END,
    coalesce(matches, 'false'))
  USING firm, statuses, counties, bands, seen_from, seen_to, arrested_from, arrested_to, after_key, after_id, page_size,
    own_counties, own_classes;
END $$;
GRANT SELECT (top_class) ON lead TO arrestra_search;
