-- What counts, as signed entries: the sum over those up to a position is the count as known there. One ledger for each
-- lens: `programme` and `kinds` are those asked for, or `*`; `kind` is the graduation's own.
CREATE TABLE read.graduation_ledger (
    household uuid NOT NULL,
    position bigint NOT NULL,
    programme text COLLATE "C" NOT NULL,
    kinds text COLLATE "C" NOT NULL,
    graduation uuid NOT NULL,
    sign smallint NOT NULL CHECK (sign IN (-1, 1)),
    year int NOT NULL,
    month int NOT NULL,
    kind text NOT NULL,
    "on" date NOT NULL,
    durable_on date NOT NULL,
    region text COLLATE "C" NOT NULL,
    facilitator uuid,
    PRIMARY KEY (household, position, programme, kinds, graduation)
);
