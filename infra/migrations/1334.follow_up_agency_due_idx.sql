-- What waits for one agency, the longest due first.
CREATE INDEX follow_up_agency_due_idx ON read.follow_up (agency, due, item) WHERE agency IS NOT NULL AND due IS NOT NULL;
