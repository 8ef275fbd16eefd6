-- An agency's inbox.
CREATE INDEX referrals_agency_idx ON read.referrals (agency, referral);
