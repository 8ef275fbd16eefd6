-- What callers have asked for lately, where all processes count together; a crash of the server may forget it.
CREATE UNLOGGED TABLE rate_limits (
    key text PRIMARY KEY,
    until timestamptz NOT NULL,
    hits bigint NOT NULL
);
