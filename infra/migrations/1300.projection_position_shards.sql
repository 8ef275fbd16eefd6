-- A projection may be divided into shards of households, each with a place of its own; what there is becomes shard 0 of 1.
-- `rate` is in events of the log per second, as the runner last measured it.
ALTER TABLE read.projection_position
    ADD COLUMN shard int NOT NULL DEFAULT 0,
    ADD COLUMN shards int NOT NULL DEFAULT 1,
    ADD COLUMN rate real NOT NULL DEFAULT 0,
    DROP CONSTRAINT projection_position_pkey,
    ADD CONSTRAINT projection_position_pkey PRIMARY KEY (name, shard),
    ADD CONSTRAINT projection_position_shard_check CHECK (shard >= 0 AND shard < shards);
