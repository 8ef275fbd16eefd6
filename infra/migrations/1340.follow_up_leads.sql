-- Whom a household is led by since when, on every row: the day asked about is seldom an earlier one.
-- Only of referrals do events freeze a date: lists by date rely on it.
-- The fold of follow-up keeps more than it did: what it had written goes, and the log is folded anew.
TRUNCATE read.follow_up_state, read.follow_up, read.waiting_proposals;
DELETE FROM read.projection_position WHERE name = 'follow_up';
ALTER TABLE read.follow_up
    ADD COLUMN lead uuid,
    ADD COLUMN lead_since date,
    ADD CHECK (due IS NULL OR kind = 'referral');
