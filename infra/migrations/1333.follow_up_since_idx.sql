-- Of each kind, what has none, the longest waiting first: so many days later it is due.
CREATE INDEX follow_up_since_idx ON read.follow_up (kind, since, item) WHERE due IS NULL;
