-- The log: every event ever recorded, at dense positions (1, 2, 3 …). Column names are the event library's.
CREATE TABLE rujukan_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL CHECK (notification_id > 0),
    logged_at timestamptz NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
