-- Rows past their time are found without reading the others.
CREATE INDEX idempotency_created_at_idx ON idempotency (created_at);
