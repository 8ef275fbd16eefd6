-- Answers of agencies that were refused: where each came from, why, and a digest of it; never what it said.
-- `told` are those that stand in the agency's topic of rejections, for an answer that came by Kafka.
CREATE TABLE rejected_replies (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency uuid NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    digest bytea NOT NULL,
    type text,
    referral uuid,
    code text NOT NULL,
    field text,
    detail text NOT NULL,
    topic text,
    partition int,
    "offset" bigint,
    at timestamptz NOT NULL DEFAULT now(),
    told boolean NOT NULL,
    UNIQUE (agency, source, id, digest)
);
