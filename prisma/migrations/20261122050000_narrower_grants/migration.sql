-- When an event was recorded is the database's word alone: the seals follow that order, so whoever could write it could put an event behind them.
REVOKE INSERT ON event FROM arrestra_app;
GRANT INSERT (tenant_id, id, type, lead_id, actor_type, actor_id, request_id, data, occurred_at) ON event TO arrestra_app;

-- A tombstone stays, and no verb removes a lead: erasing a firm is the owner's.
REVOKE DELETE ON suppression, lead FROM arrestra_app;
