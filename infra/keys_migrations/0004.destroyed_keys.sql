-- Whose key was destroyed, so that it is never made again.
CREATE TABLE destroyed_keys (
    id uuid PRIMARY KEY,
    destroyed_at timestamptz NOT NULL DEFAULT now()
);
