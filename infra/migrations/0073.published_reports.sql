-- Reports as they were published: their figures, and the checkpoint that tells of which log.
CREATE TABLE published_reports (
    report text,
    position bigint,
    as_of date,
    content text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
    checkpoint text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (report, position, as_of)
);
