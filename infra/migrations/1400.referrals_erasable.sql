-- The fold of referrals knows all of a household, so that an erasure reaches them: it is folded anew from the log.
TRUNCATE read.referrals_state, read.referrals, read.referral_feed;
DELETE FROM read.projection_position WHERE name = 'referrals';
ALTER TABLE read.referrals ALTER COLUMN need DROP NOT NULL;
