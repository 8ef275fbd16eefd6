-- What the fold of households remembers between batches.
CREATE TABLE read.households_state (key uuid PRIMARY KEY, state jsonb NOT NULL);
