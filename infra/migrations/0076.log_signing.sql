-- Why the log is not signed any further, while that is so: one row.
CREATE TABLE log_signing (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    refused text,
    since timestamptz NOT NULL
);
