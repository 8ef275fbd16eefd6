-- The same of the places of rebuilds.
ALTER TABLE read_aside.projection_position ADD COLUMN changed bigint NOT NULL DEFAULT 0;
UPDATE read_aside.projection_position SET changed = position;
ALTER TABLE read_aside.projection_position ALTER COLUMN changed DROP DEFAULT;
