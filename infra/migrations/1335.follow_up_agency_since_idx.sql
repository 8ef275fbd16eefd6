-- What came back from one agency, the longest waiting first.
CREATE INDEX follow_up_agency_since_idx ON read.follow_up (agency, since, item) WHERE agency IS NOT NULL AND due IS NULL;
