-- From now on who takes or moves a place says so.
ALTER TABLE read.projection_position ALTER COLUMN changed DROP DEFAULT, ALTER COLUMN changed_at DROP DEFAULT;
