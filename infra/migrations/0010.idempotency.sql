-- What repeated commands are answered from; no personal data, and kept 30 days.
CREATE TABLE idempotency (
    caller text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status int NOT NULL,
    position bigint NOT NULL,
    version bigint NOT NULL,
    location text,
    ids jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, route, key)
);
