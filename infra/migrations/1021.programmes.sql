-- Programmes with the terms now in force.
CREATE TABLE read.programmes (
    code text PRIMARY KEY,
    stream uuid NOT NULL,
    name text NOT NULL,
    cluster text NOT NULL,
    decile_limit int,
    frequency text NOT NULL,
    graduable boolean NOT NULL,
    relapse boolean NOT NULL,
    steps int NOT NULL,
    rule_version int NOT NULL,
    defined_on date NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL
);
