-- The Merkle tree over the log, in tiles of 256 hashes of 32 bytes; fewer at its right edge.
CREATE TABLE log_tiles (
    level smallint,
    number bigint,
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, number)
);
