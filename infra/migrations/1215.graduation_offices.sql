-- Who is in office, with the positions at which that became known: figures of the past ask who was expected to graduate.
CREATE TABLE read.graduation_offices (
    facilitator uuid PRIMARY KEY,
    pillar text NOT NULL,
    region text COLLATE "C" NOT NULL,
    appointed_on date NOT NULL,
    appointed_position bigint NOT NULL,
    retired_on date,
    retired_position bigint
);
