-- Agencies that receive referrals.
CREATE TABLE read.agencies (
    agency uuid PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    registered_on date NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL
);
