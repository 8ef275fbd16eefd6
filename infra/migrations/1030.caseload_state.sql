-- What the fold of the caseload remembers between batches.
CREATE TABLE read.caseload_state (key uuid PRIMARY KEY, state jsonb NOT NULL);
