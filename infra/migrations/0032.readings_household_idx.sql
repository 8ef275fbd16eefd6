-- Everyone who read of one family, the latest first.
CREATE INDEX readings_household_idx ON readings (household, id);
