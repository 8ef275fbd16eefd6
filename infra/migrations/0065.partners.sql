-- Agencies that read their referrals from Kafka, and up to which position of the log each was sent what concerns it.
CREATE TABLE partners (
    agency uuid PRIMARY KEY,
    since bigint NOT NULL,
    position bigint NOT NULL CHECK (position >= since),
    added_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    error text,
    failed_at timestamptz
);
