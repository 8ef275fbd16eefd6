-- A year's entries under a lens, of everyone or of one facilitator, without a look at the table.
CREATE INDEX graduation_ledger_lens_idx ON read.graduation_ledger (year, programme, kinds, facilitator, position)
    INCLUDE (sign, kind, "on", durable_on, relapsed_on, region);
