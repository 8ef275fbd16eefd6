-- A region's households, for officers.
CREATE INDEX households_region_idx ON read.households (region, household);
