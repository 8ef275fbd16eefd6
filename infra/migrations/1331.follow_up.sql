-- What waits for somebody, with the region of its household. `due` is empty where no event froze a date: settings give
-- it when read.
-- The fold of follow-up keeps more than it did: what it had written goes, and the log is folded anew.
TRUNCATE read.follow_up_state, read.waiting_proposals;
DELETE FROM read.projection_position WHERE name = 'follow_up';
DROP TABLE read.follow_up;
CREATE TABLE read.follow_up (
    household uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    item uuid NOT NULL,
    region text COLLATE "C" NOT NULL,
    stage text NOT NULL,
    who text NOT NULL,
    agency uuid,
    service uuid,
    since date NOT NULL,
    due date,
    PRIMARY KEY (household, kind, item)
);
