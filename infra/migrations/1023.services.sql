-- Services of agencies, the withdrawn ones too: referrals still name them.
CREATE TABLE read.services (
    service uuid PRIMARY KEY,
    agency uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    regions text[] NOT NULL,
    response_days int NOT NULL,
    max_decile int,
    graduates_only boolean NOT NULL,
    capacity int,
    capacity_period text,
    published_on date NOT NULL,
    withdrawn_on date,
    version bigint NOT NULL,
    position bigint NOT NULL
);
