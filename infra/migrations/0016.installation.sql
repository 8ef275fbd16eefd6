-- Which master key this database was begun with: under another one its personal data could not be opened.
CREATE TABLE installation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    master_key_check bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
