-- Every household as it stands now. Personal data are sealed boxes; regions compare byte by byte, for prefixes.
CREATE TABLE read.households (
    household uuid PRIMARY KEY,
    region text COLLATE "C" NOT NULL,
    status text NOT NULL,
    registered_on date NOT NULL,
    registered_by text NOT NULL,
    assigned boolean NOT NULL,
    kk jsonb,
    address jsonb,
    members jsonb NOT NULL,
    decile int,
    decile_period text,
    programmes text[] NOT NULL,
    enrolments jsonb NOT NULL,
    proposal jsonb,
    graduations jsonb NOT NULL,
    left_on date,
    version bigint NOT NULL,
    position bigint NOT NULL,
    last_on date NOT NULL
);
