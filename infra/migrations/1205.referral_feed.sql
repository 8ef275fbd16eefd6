-- What happened to an agency's referrals, in the order of the log, with opaque ids and codes only.
CREATE TABLE read.referral_feed (
    agency uuid NOT NULL,
    position bigint NOT NULL,
    referral uuid NOT NULL,
    household uuid NOT NULL,
    member uuid,
    service uuid NOT NULL,
    type text NOT NULL,
    "on" date NOT NULL,
    state text NOT NULL,
    codes jsonb NOT NULL,
    PRIMARY KEY (agency, position)
);
