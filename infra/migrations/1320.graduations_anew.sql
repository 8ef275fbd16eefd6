-- The fold of graduations keeps more than it did: what it had written goes, and the log is folded anew.
TRUNCATE read.graduations_state, read.graduation_offices, read.graduation_targets;
DELETE FROM read.projection_position WHERE name = 'graduations';
