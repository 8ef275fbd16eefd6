-- The ledger tells of relapses itself.
DROP TABLE read.graduation_relapses;
