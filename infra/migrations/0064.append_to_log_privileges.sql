-- The application appends by the door as it is now.
REVOKE ALL ON FUNCTION append_to_log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_to_log TO rujukan_application;
