-- Where a projection stopped and why, so that every process and its operator see it; empty while it goes on.
ALTER TABLE read.projection_position ADD COLUMN error text, ADD COLUMN stopped_at_position bigint;
