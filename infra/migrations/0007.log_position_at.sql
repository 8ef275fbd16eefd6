-- The last position logged at or before a moment, 0 if none. As positions are dense and logged_at never decreases,
-- a binary search over the positions is exact and needs no further index on the log.
CREATE FUNCTION log_position_at(moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    low bigint := 0;
    high bigint;
    middle bigint;
BEGIN
    SELECT coalesce(max(notification_id), 0) INTO high FROM rujukan_events;
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        IF (SELECT logged_at FROM rujukan_events WHERE notification_id = middle) <= moment THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN low;
END;
$$;
