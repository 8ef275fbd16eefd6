-- What the fold of histories remembers between batches: to whom a household's referrals went.
CREATE TABLE read.history_state (key uuid PRIMARY KEY, state jsonb NOT NULL);
