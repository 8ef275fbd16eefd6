-- The application grows the tree and signs it; it takes nothing back.
REVOKE ALL ON log_tiles, checkpoints FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (hashes) ON log_tiles TO rujukan_application;
GRANT SELECT, INSERT ON checkpoints TO rujukan_application;
