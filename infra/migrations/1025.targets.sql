-- Yearly targets, every revision with its position, so that a past one can be asked for.
CREATE TABLE read.targets (
    year int NOT NULL,
    pillar text NOT NULL,
    measure text NOT NULL,
    revision int NOT NULL,
    minimum int NOT NULL,
    kinds text[] NOT NULL,
    set_on date NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (year, pillar, measure, revision)
);
