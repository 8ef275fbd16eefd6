-- Who has read whose personal data: which fields, and for what. `member` is empty for what is the household's own.
-- One request that shows many households leaves a row for each.
CREATE TABLE readings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    role text NOT NULL,
    scope text NOT NULL,
    household uuid NOT NULL,
    member uuid,
    fields text [] NOT NULL,
    why text NOT NULL
);
