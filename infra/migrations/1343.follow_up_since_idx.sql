-- Of each kind, what has none, the longest waiting first, without a look at the table: so many days later it is due.
DROP INDEX read.follow_up_since_idx;
CREATE INDEX follow_up_since_idx ON read.follow_up (kind, since, item)
    INCLUDE (household, region, stage, who, agency, service, lead, lead_since) WHERE due IS NULL;
