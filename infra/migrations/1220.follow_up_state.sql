-- What the fold of follow-up remembers between batches.
CREATE TABLE read.follow_up_state (key uuid PRIMARY KEY, state jsonb NOT NULL);
