-- Removes receipts past their time and tells how many: so that the application needs no right to delete, which brings
-- that to lock the table for everyone.
CREATE FUNCTION forget_receipts() RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH gone AS (DELETE FROM idempotency WHERE created_at <= now() - interval '30 days' RETURNING 1)
    SELECT count(*) FROM gone
$$;
