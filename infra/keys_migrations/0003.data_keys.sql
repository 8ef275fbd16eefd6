-- The key of each person and household, wrapped under an intermediate key.
CREATE TABLE data_keys (
    id uuid PRIMARY KEY,
    intermediate int NOT NULL REFERENCES intermediate_keys,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
