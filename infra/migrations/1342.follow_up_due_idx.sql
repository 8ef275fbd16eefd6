-- Of each kind, what has a frozen date, the longest due first, without a look at the table.
DROP INDEX read.follow_up_due_idx;
CREATE INDEX follow_up_due_idx ON read.follow_up (kind, due, item)
    INCLUDE (household, region, stage, who, agency, service, since, lead, lead_since) WHERE due IS NOT NULL;
