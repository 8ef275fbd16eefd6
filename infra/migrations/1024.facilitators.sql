-- Facilitators, their plans of the year, and until when they are in office.
CREATE TABLE read.facilitators (
    facilitator uuid PRIMARY KEY,
    name jsonb NOT NULL,
    pillar text NOT NULL,
    region text COLLATE "C" NOT NULL,
    appointed_on date NOT NULL,
    retired_on date,
    plans jsonb NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL
);
