-- Assistance received and not reversed.
CREATE TABLE read.payments (
    household uuid NOT NULL,
    programme text NOT NULL,
    period text NOT NULL,
    reference text NOT NULL,
    channel text NOT NULL,
    amount bigint,
    paid_on date NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (household, programme, period, reference)
);
