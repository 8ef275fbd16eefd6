-- The rate takes a new name, so that a runner of an older version, which would not say what it changed, folds no further.
ALTER TABLE read.projection_position RENAME COLUMN rate TO events_per_second;
