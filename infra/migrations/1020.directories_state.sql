-- What the fold of directories remembers between batches, by stream.
CREATE TABLE read.directories_state (key uuid PRIMARY KEY, state jsonb NOT NULL);
