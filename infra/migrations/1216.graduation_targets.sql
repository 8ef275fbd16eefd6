-- Targets for graduations, every revision with its position; `kinds` is the lens under which they are met.
CREATE TABLE read.graduation_targets (
    year int NOT NULL,
    pillar text NOT NULL,
    revision int NOT NULL,
    minimum int NOT NULL,
    kinds text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (year, pillar, revision)
);
