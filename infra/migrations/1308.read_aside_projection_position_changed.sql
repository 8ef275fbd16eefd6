-- The same of the places of rebuilds.
ALTER TABLE read_aside.projection_position
    ADD COLUMN changed bigint NOT NULL DEFAULT 0,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
