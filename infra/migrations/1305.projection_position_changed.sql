-- `changed` is the position of the last event that the shard's rows tell of, and `changed_at` when that was folded: events
-- after it did not matter to them. Of what there is, all may have.
ALTER TABLE read.projection_position
    ADD COLUMN changed bigint NOT NULL DEFAULT 0,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
UPDATE read.projection_position SET changed = position;
