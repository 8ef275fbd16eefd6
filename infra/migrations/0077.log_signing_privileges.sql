-- Whoever signs tells of it; whoever looks reads it.
REVOKE ALL ON log_signing FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON log_signing TO rujukan_application;
