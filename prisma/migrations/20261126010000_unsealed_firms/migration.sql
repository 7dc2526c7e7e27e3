-- The sealer asks which firms have something to seal, in one question for all of them, instead of a transaction for each. The function runs as its caller and
-- gives nobody a right: it sets one firm after the other, as the app does for each transaction, reads the last seal and whether a sealable event comes after it,
-- and gives ids of firms only. It puts back what was set before; when it fails, so does the transaction, and with it what was set for it.
CREATE FUNCTION unsealed_firms(firms uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public
AS $$
DECLARE
  before text := coalesce(current_setting('app.tenant_id', true), '');
  firm uuid;
  last_txid xid8;
  last_event uuid;
  next_event uuid;
BEGIN
  FOREACH firm IN ARRAY firms LOOP
    PERFORM set_config('app.tenant_id', firm::text, true);
    SELECT recorded_txid, event_id INTO last_txid, last_event FROM event_seal WHERE tenant_id = firm ORDER BY sequence DESC LIMIT 1;
    IF NOT FOUND THEN
      last_txid := '0';
      last_event := '00000000-0000-0000-0000-000000000000';
    END IF;
    -- The same condition and order as in lib/domain/events/seal-events.ts, with nothing but names to compare with: behind row-level security an expression there
    -- would not be looked up in the index, and all events of the firm be read.
    SELECT id INTO next_event FROM event WHERE tenant_id = firm AND recorded_txid < pg_snapshot_xmin(pg_current_snapshot())
      AND (recorded_txid, id) > (last_txid, last_event) ORDER BY recorded_txid, id LIMIT 1;
    IF FOUND THEN RETURN NEXT firm;
    END IF;
  END LOOP;
  PERFORM set_config('app.tenant_id', before, true);
END $$;
REVOKE EXECUTE ON FUNCTION unsealed_firms FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unsealed_firms TO arrestra_app;
