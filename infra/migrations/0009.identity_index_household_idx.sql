-- A household's rows are removed with its members and by erasure.
CREATE INDEX identity_index_household_idx ON identity_index (household);
