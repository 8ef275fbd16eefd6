-- What a facilitator should know of each household followed, with the score of a candidate for graduation.
CREATE TABLE read.caseload (
    household uuid PRIMARY KEY,
    region text COLLATE "C" NOT NULL,
    programmes text[] NOT NULL,
    decile int,
    decile_period text,
    earlier_decile int,
    has_business boolean,
    income_band text,
    criteria text[] NOT NULL,
    assessed_on date,
    last_visit_on date,
    visits jsonb NOT NULL,
    open_proposal uuid,
    graduated text[] NOT NULL,
    score int NOT NULL,
    reasons text[] NOT NULL
);
