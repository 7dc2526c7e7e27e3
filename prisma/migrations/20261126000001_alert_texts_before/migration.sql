-- arrestra:no-transaction
-- The wider index of the migration before answers its question too, as processes of the release before ask it.
DROP INDEX CONCURRENTLY IF EXISTS lead_alert_texts_idx;
