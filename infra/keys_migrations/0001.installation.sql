-- Which log these keys belong to: the same number stands there, so that neither is ever used with another.
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
