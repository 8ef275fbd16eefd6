-- `changed` is the position of the last event that the shard's rows tell of: further positions are of events that did
-- not matter to it. Of what there is, all may have.
ALTER TABLE read.projection_position ADD COLUMN changed bigint NOT NULL DEFAULT 0;
UPDATE read.projection_position SET changed = position;
ALTER TABLE read.projection_position ALTER COLUMN changed DROP DEFAULT;
