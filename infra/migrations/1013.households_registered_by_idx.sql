-- What a facilitator registered and nobody was assigned to yet.
CREATE INDEX households_registered_by_idx ON read.households (registered_by) WHERE NOT assigned;
