-- What waits in a region.
CREATE INDEX follow_up_region_idx ON read.follow_up (region);
