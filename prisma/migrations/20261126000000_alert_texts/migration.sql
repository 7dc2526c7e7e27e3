-- arrestra:no-transaction
-- How many texts went out in a day, with those that may have gone out though nobody said so.
CREATE INDEX CONCURRENTLY IF NOT EXISTS lead_alert_texts_ended_idx ON lead_alert (tenant_id, ended_at)
  WHERE channel = 'text' AND state IN ('sent', 'failed');
