-- A reply that is kept for its Idempotency-Key can hold contacts and names in the clear: it is sealed like them from here on. What was kept so
-- far is dropped rather than left readable; a client that repeats such a request does the work again, which changes nothing.
TRUNCATE idempotency_key;
ALTER TABLE idempotency_key RENAME COLUMN body TO body_cipher;
