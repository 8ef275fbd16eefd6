-- From now on who takes a place says which shard it is of, and how fast it goes.
ALTER TABLE read.projection_position
    ALTER COLUMN shard DROP DEFAULT,
    ALTER COLUMN shards DROP DEFAULT,
    ALTER COLUMN rate DROP DEFAULT;
