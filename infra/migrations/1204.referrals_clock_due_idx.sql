-- What the clock has to do next.
CREATE INDEX referrals_clock_due_idx ON read.referrals (clock_due, referral) WHERE clock_due IS NOT NULL;
