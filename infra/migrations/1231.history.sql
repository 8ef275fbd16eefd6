-- A household's story, event by event, as codes, dates and opaque ids; words are chosen when read.
CREATE TABLE read.history (
    household uuid NOT NULL,
    position bigint NOT NULL,
    logged_at timestamptz NOT NULL,
    stream uuid NOT NULL,
    version bigint NOT NULL,
    topic text NOT NULL,
    "on" date NOT NULL,
    by text NOT NULL,
    facts jsonb NOT NULL,
    PRIMARY KEY (household, position)
);
