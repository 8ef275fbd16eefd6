-- What waits for somebody, with the region of its household. `due` is empty where no event froze a date: settings give
-- it when read.
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
