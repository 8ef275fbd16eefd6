-- What counts, as signed entries: the sum over those up to a position is the count as known there. One ledger for each
-- lens: `programme` and `kinds` are those asked for, or `*`; `kind` is the graduation's own. A relapse replaces the
-- entry by one that tells of it, so that nothing need be joined to it.
DROP TABLE read.graduation_ledger;
CREATE TABLE read.graduation_ledger (
    household uuid NOT NULL,
    position bigint NOT NULL,
    programme text COLLATE "C" NOT NULL,
    kinds text COLLATE "C" NOT NULL,
    graduation uuid NOT NULL,
    sign smallint NOT NULL CHECK (sign IN (-1, 1)),
    year int NOT NULL,
    kind text COLLATE "C" NOT NULL,
    "on" date NOT NULL,
    durable_on date NOT NULL,
    relapsed_on date,
    region text COLLATE "C" NOT NULL,
    facilitator uuid,
    PRIMARY KEY (household, position, programme, kinds, graduation, sign)
);
