-- The application counts, and forgets windows that have ended.
REVOKE ALL ON rate_limits FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO rujukan_application;
