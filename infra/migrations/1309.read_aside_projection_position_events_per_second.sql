-- The rate as it is named among the live places.
ALTER TABLE read_aside.projection_position RENAME COLUMN rate TO events_per_second;
