-- Who follows which household from when until the day before when; `number` counts a household's assignments.
CREATE TABLE read.household_assignments (
    household uuid NOT NULL,
    number int NOT NULL,
    facilitator uuid NOT NULL,
    role text NOT NULL,
    since date NOT NULL,
    until date,
    PRIMARY KEY (household, number)
);
