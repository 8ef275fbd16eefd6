-- Versions of the index key that every claim of a number must be made under, while they change: none stands for the one
-- that the first claims were made under.
CREATE TABLE index_keys (version int PRIMARY KEY);
