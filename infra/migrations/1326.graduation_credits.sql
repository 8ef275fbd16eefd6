-- The ledger of a year added up for each facilitator, whatever the date: what has been reached of a target.
CREATE TABLE read.graduation_credits (
    year int NOT NULL,
    programme text COLLATE "C" NOT NULL,
    kinds text COLLATE "C" NOT NULL,
    facilitator uuid NOT NULL,
    counted bigint NOT NULL,
    independent bigint NOT NULL,
    fell bigint NOT NULL,
    relapsed_later bigint NOT NULL,
    PRIMARY KEY (year, programme, kinds, facilitator)
) WITH (fillfactor = 70);
