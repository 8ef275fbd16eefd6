-- A household's referrals.
CREATE INDEX referrals_household_idx ON read.referrals (household);
