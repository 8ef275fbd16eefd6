-- Of each kind, what has a frozen date, the longest due first.
CREATE INDEX follow_up_due_idx ON read.follow_up (kind, due, item) WHERE due IS NOT NULL;
