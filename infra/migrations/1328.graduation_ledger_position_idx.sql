-- A year's entries under a lens up to a position, of the whole country, without a look at the table.
CREATE INDEX graduation_ledger_position_idx ON read.graduation_ledger (year, programme, kinds, position)
    INCLUDE (sign, kind, "on", durable_on, relapsed_on, region, facilitator);
