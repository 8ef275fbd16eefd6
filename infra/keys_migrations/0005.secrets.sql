-- The keys that are nobody's (`index` by version, `fingerprint`), wrapped under an intermediate key.
CREATE TABLE secrets (
    name text NOT NULL,
    version int NOT NULL,
    intermediate int NOT NULL REFERENCES intermediate_keys,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
