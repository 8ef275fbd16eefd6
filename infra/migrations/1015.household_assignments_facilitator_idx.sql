-- A facilitator's households.
CREATE INDEX household_assignments_facilitator_idx ON read.household_assignments (facilitator, until, household);
