-- The last position of each append that is not refused: positions go on behind `head`, append by append.
CREATE FUNCTION last_positions(appends int[], refused int[], head bigint)
RETURNS TABLE (append int, last_position bigint)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.append, head + sum(count(*)) OVER (ORDER BY e.append)::bigint
    FROM unnest(appends) AS e (append)
    WHERE e.append <> ALL (refused)
    GROUP BY e.append
$$;
