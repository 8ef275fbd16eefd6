-- What the fold of graduations remembers between batches, by household or facilitator.
CREATE TABLE read.graduations_state (key uuid PRIMARY KEY, state jsonb NOT NULL);
