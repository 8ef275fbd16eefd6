-- What waits for, or came back from, one agency.
CREATE INDEX follow_up_agency_idx ON read.follow_up (agency, due) WHERE agency IS NOT NULL;
