-- What the fold of referrals remembers between batches, by referral.
CREATE TABLE read.referrals_state (key uuid PRIMARY KEY, state jsonb NOT NULL);
