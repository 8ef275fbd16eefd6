-- The log for people: positions, moments and readable states.
CREATE VIEW log AS
SELECT
    notification_id AS position,
    logged_at,
    originator_id AS stream,
    originator_version AS version,
    topic,
    convert_from(state, 'UTF8')::jsonb AS state
FROM rujukan_events;
