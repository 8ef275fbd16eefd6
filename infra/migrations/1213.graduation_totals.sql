-- The ledger added up; no facilitator is the zero UUID.
CREATE TABLE read.graduation_totals (
    programme text COLLATE "C" NOT NULL,
    kinds text COLLATE "C" NOT NULL,
    year int NOT NULL,
    month int NOT NULL,
    kind text NOT NULL,
    region text COLLATE "C" NOT NULL,
    facilitator uuid NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (programme, kinds, year, month, kind, region, facilitator)
);
