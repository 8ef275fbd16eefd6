-- One household per family card and one current membership per identity number, found by keyed digest alone.
CREATE TABLE identity_index (
    kind text NOT NULL,
    digest bytea NOT NULL,
    key_version int NOT NULL,
    household uuid NOT NULL,
    member uuid,
    PRIMARY KEY (kind, digest, key_version)
);
