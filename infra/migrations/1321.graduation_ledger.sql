-- What counts, as signed entries: the sum over those up to a position is the count as known there. One ledger for each
-- lens: `programme` and `kinds` are those asked for, or `*`; `kind` is the graduation's own. A relapse replaces the
-- entry by one that tells of it, so that relapses need no table of their own.
-- The fold of graduations keeps more than it did: what it had written goes, and the log is folded anew.
TRUNCATE read.graduations_state, read.graduation_offices, read.graduation_targets;
DELETE FROM read.projection_position WHERE name = 'graduations';
DROP TABLE read.graduation_relapses, read.graduation_ledger;
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
