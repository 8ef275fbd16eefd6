-- Everything that one person read, the latest first.
CREATE INDEX readings_actor_idx ON readings (actor, id);
