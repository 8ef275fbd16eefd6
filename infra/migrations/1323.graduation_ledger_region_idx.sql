-- A year's entries under a lens in a region too small for sums of its own, without a look at the table.
CREATE INDEX graduation_ledger_region_idx ON read.graduation_ledger (year, programme, kinds, region, position)
    INCLUDE (sign, kind, "on", durable_on, relapsed_on, facilitator);
