-- Whether the sample was loaded to its end, so that one cut short is continued with the same seed and day.
CREATE TABLE sample_load (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seed bigint NOT NULL,
    today date NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
