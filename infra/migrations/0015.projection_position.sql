-- How far each projection has read the log; written in the transaction of the rows it stands for.
CREATE TABLE read.projection_position (
    name text PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0),
    moved_at timestamptz NOT NULL
);
