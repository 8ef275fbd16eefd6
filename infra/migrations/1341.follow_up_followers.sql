-- Who was ever assigned to a household of which something waits: few households to look at for one facilitator.
CREATE TABLE read.follow_up_followers (
    facilitator uuid NOT NULL,
    household uuid NOT NULL,
    PRIMARY KEY (facilitator, household)
);
