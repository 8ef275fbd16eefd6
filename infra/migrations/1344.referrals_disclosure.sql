-- On which rule a referral rests, and when its agency's part ended: personal data is disclosed on a recorded basis alone,
-- and no longer than some time after that end.
-- The fold of referrals keeps more than it did: what it had written goes, and the log is folded anew.
TRUNCATE read.referrals_state, read.referrals, read.referral_feed;
DELETE FROM read.projection_position WHERE name = 'referrals';
ALTER TABLE read.referrals
    ADD COLUMN legal_rule text,
    ADD COLUMN ended_on date;
