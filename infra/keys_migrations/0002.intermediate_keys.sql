-- The few keys that wrap all others, each wrapped under the key-encryption key of this name. The highest number is in use.
CREATE TABLE intermediate_keys (
    number int PRIMARY KEY,
    wrapped bytea NOT NULL,
    wrapped_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
