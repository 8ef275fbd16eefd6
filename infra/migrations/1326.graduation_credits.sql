-- The ledger of a year added up for each facilitator, whatever the date: what has been reached of a target.
CREATE TABLE read.graduation_credits (
    year int NOT NULL,
    programme text COLLATE "C" NOT NULL,
    kinds text COLLATE "C" NOT NULL,
    facilitator uuid NOT NULL,
    counted int NOT NULL,
    independent int NOT NULL,
    fell int NOT NULL,
    relapsed_later int NOT NULL,
    PRIMARY KEY (year, programme, kinds, facilitator)
) WITH (fillfactor = 70);
